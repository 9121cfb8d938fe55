package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.call;
import static io.aerodb.functions.worker.wasm.Guests.handler;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.aerodb.functions.function.Limits;
import io.aerodb.functions.invocation.Outcome.Failed;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

abstract class StackConformance extends Conformance {

    private static final String EXHAUSTED = "the function's call stack is exhausted";
    /** Goes as deep as the first number of its input, and calls the host there. */
    private static final String DIVER = module("""
            (memory (export "memory") 1)
            (data (i32.const 100) "NAME")
            (func $dive (param $depth i32) (result i32)
              (if (result i32) (local.get $depth)
                (then (i32.add (i32.const 1) (call $dive (i32.sub (local.get $depth) (i32.const 1)))))
                (else
                  (call $log (i32.const 1) (i32.const 100) (i32.const 4))
                  (drop (call $env_get (i32.const 100) (i32.const 3)))
                  (drop (call $env_get (i32.const 100) (i32.const 4)))
                  (call $output_write (i32.const 200) (call $result_read (i32.const 200) (i32.const 100)))
                  (drop (memory.grow (i32.const 1)))
                  (i32.const 0))))
            (func (export "handler") (result i32)
              (drop (call $input_read (i32.const 0) (i32.const 4)))
              (i32.sub (call $dive (i32.load (i32.const 0))) (i32.load (i32.const 0))))""");

    StackConformance(LongFunction<Sandbox> sandboxes) {
        super(sandboxes);
    }

    @Test
    void endsADeepRecursionAndKeepsTheThread() {
        var deep = guests.compile(module("(memory (export \"memory\") 1)", "(func $f (export \"f\") call $f)",
                "(func (export \"handler\") (result i32) call $f i32.const 0)"));
        for (var i = 0; i < 20; i++) {
            assertEquals(EXHAUSTED, failed(guests.run(deep, call())).message());
        }
        succeeded(guests.run(handler("i32.const 0")));
    }

    @Test
    void endsADeepRecursionOfAFunctionThatIsTooBigForAJvmMethodAndLeavesMuchOnTheStack() throws Exception {
        var operands = 30_000;
        var deep = guests.compile(module(MEMORY, "(func $f " + "(i32.const 1000)".repeat(operands) + "(call $f)" + "(drop)".repeat(operands) + ")",
                "(func (export \"handler\") (result i32) call $f i32.const 0)"));
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        var allocated = guests.thread.submit(() -> {
            var before = threads.getCurrentThreadAllocatedBytes();
            assertEquals(EXHAUSTED, failed(guests.sandbox.run(deep, call())).message());
            return threads.getCurrentThreadAllocatedBytes() - before;
        }).get();
        assertTrue(allocated < 64 * Limits.MIB, allocated + " bytes");
    }

    @Test
    void endsADeepRecursionThroughATable() {
        var deep = module("(memory (export \"memory\") 1)", "(table 1 funcref)", "(elem (i32.const 0) $f)",
                "(type $none (func))", "(func $f (call_indirect (type $none) (i32.const 0)))",
                "(func (export \"handler\") (result i32) call $f i32.const 0)");
        assertEquals(EXHAUSTED, failed(guests.run(deep)).message());
    }

    @Test
    void endsAMutualRecursionThroughATable() {
        var deep = module(MEMORY, "(table 2 funcref)", "(elem (i32.const 0) $even $odd)", "(type $step (func (param i32) (result i32)))", """
                (func $even (param $n i32) (result i32)
                  (i32.add (i32.const 1) (call_indirect (type $step) (i32.add (local.get $n) (i32.const 1)) (i32.const 1))))
                (func $odd (param $n i32) (result i32)
                  (i32.sub (call_indirect (type $step) (i32.add (local.get $n) (i32.const 1)) (i32.const 0)) (i32.const 1)))
                (func (export "handler") (result i32) (call $even (i32.const 0)))""");
        assertEquals(EXHAUSTED, failed(guests.run(deep)).message());
    }

    @ParameterizedTest
    @ValueSource(strings = {"(func $start (call $f)) (start $start)", "(func (export \"_initialize\") (call $f))"})
    void endsADeepRecursionBeforeTheHandler(String before) {
        assertEquals(EXHAUSTED, failed(guests.run(module(MEMORY, "(func $f (call $f))", before, NOTHING))).message());
    }

    @Test
    void endsADeepRecursionOfFunctionsWithManyLocals() {
        var sum = IntStream.range(0, 900).mapToObj("(local.get %d) i64.add "::formatted).collect(Collectors.joining());
        var deep = module(MEMORY, "(func $f (result i64) (local" + " i64".repeat(900) + ") (local.set 7 (call $f)) i64.const 0 " + sum + ")",
                "(func (export \"handler\") (result i32) (i32.wrap_i64 (call $f)))");
        assertEquals(EXHAUSTED, failed(guests.run(deep)).message());
    }

    @Test
    void endsADeepRecursionOfFunctionsWithManyParameters() {
        var deep = module(MEMORY, "(func $f (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)"
                + IntStream.range(0, 16).mapToObj("(local.get %d)"::formatted).collect(Collectors.joining()) + "(call $f))",
                "(func (export \"handler\") (result i32)" + "(i64.const 1)".repeat(16) + "(call $f) i32.const 0)");
        assertEquals(EXHAUSTED, failed(guests.run(deep)).message());
    }

    @Test
    void anExhaustedStackKeepsOutputAndLog() {
        var execution = guests.run(module(MEMORY, "(data (i32.const 0) \"written\")", "(func $f (call $f))", """
                (func (export "handler") (result i32)
                  (call $output_write (i32.const 0) (i32.const 7))
                  (call $log (i32.const 1) (i32.const 0) (i32.const 7))
                  (call $f) i32.const 0)"""));
        assertEquals("written", Guests.text(failed(execution).output()));
        assertEquals("written", execution.log().getFirst().message());
    }

    @Test
    void aRecursionOfSomeThousandCallsIsNotTooDeep() {
        succeeded(guests.run(module(MEMORY, """
                (func $sum (param $n i32) (result i32)
                  (if (result i32) (local.get $n)
                    (then (i32.add (i32.const 1) (call $sum (i32.sub (local.get $n) (i32.const 1)))))
                    (else (i32.const 0))))
                (func (export "handler") (result i32) (i32.sub (call $sum (i32.const 2000)) (i32.const 2000)))""")));
    }

    @Test
    void endsADeepRecursionOfAFunctionTooBigForAJvmMethod() {
        var deep = module("(memory (export \"memory\") 1)",
                "(func $f (if (i32.const 0) (then " + ClockConformance.BALLAST + ")) (call $f))",
                "(func (export \"handler\") (result i32) call $f i32.const 0)");
        assertEquals(EXHAUSTED, failed(guests.run(deep)).message());
    }

    @Test
    void aHostCallAtTheEdgeOfTheStackIsDoneWhollyOrNotAtAll() {
        var diver = guests.compile(DIVER);
        var reached = 0;
        var missed = 1 << 20;
        for (var round = 0; round < 10; round++) {
            while (missed - reached > 1) {
                var depth = (reached + missed) >>> 1;
                if (dive(diver, depth)) {
                    reached = depth;
                } else {
                    missed = depth;
                }
            }
            // compiled anew, frames shrink, and with them the edge moves
            reached = reached / 2;
            missed = missed * 2;
        }
        assertEquals(0, guests.sandbox.memoryUsedBytes());
    }

    @Test
    void aHostCallAtEveryDepthIsFine() {
        var deep = module("(memory (export \"memory\") 1)", """
                (func $f (call $log (i32.const 1) (i32.const 0) (i32.const 1))
                  (drop (call $env_get (i32.const 0) (i32.const 9))) (call $f))
                (func (export "handler") (result i32) call $f i32.const 0)""");
        var module = guests.compile(deep);
        for (var i = 0; i < 5; i++) {
            assertEquals(EXHAUSTED, failed(guests.run(module, call())).message());
        }
    }

    private boolean dive(CompiledModule diver, int depth) {
        var input = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(depth).array();
        var call = new GuestCall(input, new byte[0], Map.of("NAME", "value"), Guests.NO_SERVICES, call().limits(), call().remaining());
        var execution = guests.run(diver, call);
        if (execution.outcome() instanceof Failed) {
            assertEquals(EXHAUSTED, failed(execution).message());
            return false;
        }
        assertEquals("value", succeeded(execution));
        assertEquals(1, execution.log().size());
        return true;
    }
}
