package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.handler;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

abstract class OutputConformance extends Conformance {

    OutputConformance(LongFunction<Sandbox> sandboxes) {
        super(sandboxes);
    }

    @Test
    void stopsAFloodOfOutput() {
        var flood = handler("(loop (call $output_write (i32.const 0) (i32.const 65536)) (br 0)) i32.const 0");
        var failed = failed(guests.run(flood));
        assertEquals("the function wrote more than 6291456 bytes of output", failed.message());
        assertEquals(GuestOutput.MAX_BYTES, failed.output().length);
    }

    @Test
    void stopsAFloodOfSmallWrites() {
        var flood = handler("(loop (call $output_write (i32.const 0) (i32.const 17)) (br 0)) i32.const 0");
        failed(guests.run(flood));
    }

    @Test
    void outputOfExactlyTheLimitIsFine() {
        var full = module("(memory (export \"memory\") 96)", """
                (func (export "handler") (result i32)
                  (call $output_write (i32.const 0) (i32.const 6291456))
                  (call $output_write (i32.const 0) (i32.const 0))
                  i32.const 0)""");
        assertEquals(GuestOutput.MAX_BYTES, succeeded(guests.run(full)).length());
    }

    @Test
    void oneWriteAboveTheLimitWritesNothing() {
        var over = module("(memory (export \"memory\") 97)", """
                (func (export "handler") (result i32)
                  (call $output_write (i32.const 0) (i32.const 6291457))
                  i32.const 0)""");
        assertEquals(0, failed(guests.run(over)).output().length);
    }

    @Test
    void theFloodOfAStartFunctionIsStoppedToo() {
        var flood = module("(memory (export \"memory\") 1)", NOTHING,
                "(func $start (loop (call $output_write (i32.const 0) (i32.const 65536)) (br 0))) (start $start)");
        assertEquals("the function wrote more than 6291456 bytes of output", failed(guests.run(flood)).message());
    }

    @Test
    void theOutputThatWasTooMuchIsNotTakenForAnError() {
        var ignoring = module("(memory (export \"memory\") 97)", """
                (func (export "handler") (result i32)
                  (call $output_write (i32.const 0) (i32.const 6291457))
                  (call $log (i32.const 1) (i32.const 0) (i32.const 1))
                  i32.const 0)""");
        assertTrue(guests.run(ignoring).log().isEmpty(), "nothing runs after it");
    }

    @Test
    void cutsAndFlagsAFloodOfLogLines() {
        var flood = handler("""
                (local $i i32)
                (loop $l (call $log (i32.const 1) (i32.const 0) (i32.const 1000))
                  (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5000))))
                i32.const 0""");
        var execution = guests.run(flood);
        succeeded(execution);
        assertTrue(execution.logTruncated());
        assertEquals(GuestLog.MAX_BYTES, execution.log().stream().mapToInt(line -> line.message().length()).sum());
        assertEquals(GuestLog.MAX_BYTES % 1000, execution.log().getLast().message().length());
    }

    @Test
    void cutsAFloodOfEmptyLogLines() {
        var flood = handler("""
                (local $i i32)
                (loop $l (call $log (i32.const 1) (i32.const 0) (i32.const 0))
                  (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100000))))
                i32.const 0""");
        var execution = guests.run(flood);
        assertTrue(execution.logTruncated());
        assertEquals(GuestLog.MAX_LINES, execution.log().size());
    }

    @Test
    void aLineOfExactlyTheLimitIsNotCut() {
        var execution = guests.run(handler("(call $log (i32.const 1) (i32.const 0) (i32.const 65536)) i32.const 0"));
        assertFalse(execution.logTruncated());
        assertEquals(GuestLog.MAX_BYTES, execution.log().getFirst().message().length());
    }

    @Test
    void cutsOneLongLine() {
        var execution = guests.run(module("(memory (export \"memory\") 2)", """
                (func (export "handler") (result i32)
                  (call $log (i32.const 1) (i32.const 0) (i32.const 131072))
                  i32.const 0)"""));
        assertTrue(execution.logTruncated());
        assertEquals(GuestLog.MAX_BYTES, execution.log().getFirst().message().length());
    }
}
