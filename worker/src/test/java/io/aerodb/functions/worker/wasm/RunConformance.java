package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.bytes;
import static io.aerodb.functions.worker.wasm.Guests.call;
import static io.aerodb.functions.worker.wasm.Guests.handler;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static io.aerodb.functions.worker.wasm.Guests.withTimeout;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.Limits;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.Outcome.Expired;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is called in which order, and what its ends are called. */
abstract class RunConformance extends Conformance {

    private static final long PAGE = 65_536;
    /** What traps has something to trap on. */
    private static final String FIELDS = """
            (memory (export "memory") 1) (data $d "abc") (data (i32.const 0) "written")
            (type $number (func (result i32))) (type $none (func))
            (table $t 4 funcref) (elem $e func $f) (elem (table $t) (i32.const 1) func $f)
            (func $f)
            """;

    RunConformance(LongFunction<Sandbox> sandboxes) {
        super(sandboxes);
    }

    @Test
    void startsThenInitializesThenHandles() {
        assertEquals("sih", succeeded(guests.run(module(MEMORY, "(data (i32.const 0) \"shi\")", """
                (func $start (call $output_write (i32.const 0) (i32.const 1)))
                (func (export "handler") (result i32) (call $output_write (i32.const 1) (i32.const 1)) i32.const 0)
                (func (export "_initialize") (call $output_write (i32.const 2) (i32.const 1)))
                (start $start)"""))));
    }

    @Test
    void aCommandsStartIsNotRunWhereThereIsAHandler() {
        succeeded(guests.run(module(MEMORY, "(func (export \"_start\") unreachable)", NOTHING)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(func $start unreachable) (start $start)", "(func (export \"_initialize\") unreachable)"})
    void aTrapBeforeTheHandlerIsAFailureAndTheHandlerIsNotRun(String before) {
        var failed = failed(guests.run(module(MEMORY, before, """
                (func (export "handler") (result i32) (call $output_write (i32.const 0) (i32.const 1)) i32.const 0)""")));
        assertTrue(failed.message().startsWith("the function trapped: "), failed.message());
        assertEquals(0, failed.output().length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"(data (i32.const 65530) \"too long\")", "(data (i32.const -1) \"x\")", "(table 1 funcref) (elem (i32.const 1) $f) (func $f)"})
    void aSegmentThatDoesNotFitIsATrap(String segment) {
        var message = failed(guests.run(module(MEMORY, segment, NOTHING))).message();
        assertTrue(message.startsWith("the function trapped: "), message);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -7, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void aNumberOtherThanZeroIsAFailureWithTheOutputSoFar(int status) {
        var failed = failed(guests.run(handler("""
                (drop (call $input_read (i32.const 0) (i32.const 10)))
                (call $output_write (i32.const 0) (i32.const 4))
                i32.const %d""".formatted(status)), call("oops")));
        assertEquals("the function returned " + status, failed.message());
        assertEquals("oops", Guests.text(failed.output()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            unreachable                                                                  | unreachable
            (drop (i32.div_s (i32.const 1) (i32.const 0)))                               | integer divide by zero
            (drop (i64.rem_u (i64.const 1) (i64.const 0)))                               | integer divide by zero
            (drop (i32.div_s (i32.const -2147483648) (i32.const -1)))                    | integer overflow
            (drop (i32.trunc_f64_s (f64.const 1e300)))                                   | integer overflow
            (drop (i32.trunc_f32_s (f32.const nan)))                                     | invalid conversion to integer
            (drop (i32.load (i32.const 65533)))                                          | out of bounds memory access
            (drop (i64.load offset=4294967295 (i32.const -1)))                           | out of bounds memory access
            (i32.store8 (i32.const 65536) (i32.const 0))                                 | out of bounds memory access
            (memory.fill (i32.const 65530) (i32.const 0) (i32.const 7))                  | out of bounds memory access
            (memory.copy (i32.const 0) (i32.const 1) (i32.const 65536))                  | out of bounds memory access
            (memory.copy (i32.const -1) (i32.const -1) (i32.const -1))                   | out of bounds memory access
            (memory.init $d (i32.const 0) (i32.const 1) (i32.const 3))                   | out of bounds memory access
            (data.drop $d) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))    | out of bounds memory access
            (drop (table.get $t (i32.const 4)))                                          | out of bounds table access
            (table.set $t (i32.const -1) (ref.null func))                                | out of bounds table access
            (table.fill $t (i32.const 2) (ref.null func) (i32.const 3))                  | out of bounds table access
            (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 4))                 | out of bounds table access
            (table.init $t $e (i32.const 4) (i32.const 0) (i32.const 1))                 | out of bounds table access
            (elem.drop $e) (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1))  | out of bounds table access
            (call_indirect $t (type $none) (i32.const 4))                                | undefined element
            (call_indirect $t (type $none) (i32.const -1))                               | undefined element
            (call_indirect $t (type $none) (i32.const 0))                                | uninitialized element
            (drop (call_indirect $t (type $number) (i32.const 1)))                       | indirect call type mismatch
            """)
    void aTrapIsAFailureThatSaysWhatAndKeepsOutputAndLog(String instructions, String what) {
        var execution = guests.run(module(FIELDS, """
                (func (export "handler") (result i32)
                  (call $output_write (i32.const 0) (i32.const 7))
                  (call $log (i32.const 1) (i32.const 0) (i32.const 7))
                  %s i32.const 0)""".formatted(instructions)));
        var failed = failed(execution);
        assertTrue(failed.message().startsWith("the function trapped: ") && failed.message().contains(what), failed.message());
        assertEquals("written", Guests.text(failed.output()));
        assertEquals("written", execution.log().getFirst().message());
    }

    @Test
    void aTrapInACalledFunctionEndsTheRun() {
        failed(guests.run(module(FIELDS, """
                (func $deeper (drop (i32.load (i32.const -4))))
                (func $deep (call $deeper))
                (func (export "handler") (result i32) (call $deep) i32.const 0)""")));
    }

    @Test
    void aFaultOfTheHostIsNotTheGuests() {
        var call = new GuestCall(null, new byte[0], Map.of(), Guests.NO_SERVICES, Limits.DEFAULT, Duration.ofMinutes(1));
        var failed = hostFailed(guests.run(handler("(call $input_read (i32.const 0) (i32.const 0))"), call));
        assertEquals("the host function 'input_read' failed", failed.message());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -5})
    void doesNotRunWhatIsPastItsDeadline(long remainingMillis) {
        var late = new GuestCall(bytes(""), bytes("{}"), Map.of(), Guests.NO_SERVICES, Limits.DEFAULT, Duration.ofMillis(remainingMillis));
        var execution = guests.run(handler("unreachable"), late);
        assertInstanceOf(Expired.class, execution.outcome());
        assertEquals(Duration.ZERO, execution.run());
        assertEquals(0, execution.memoryPeakBytes());
    }

    @Test
    void everyRunReportsItsTimeAndItsPeakOfMemory() {
        var grow = "(drop (memory.grow (i32.const 2)))";
        assertReported(3 * PAGE, guests.run(handler(grow + "i32.const 0")));
        assertReported(3 * PAGE, guests.run(handler(grow + "i32.const 1")));
        assertReported(3 * PAGE, guests.run(handler(grow + "unreachable")));
        assertReported(3 * PAGE, guests.run(handler(grow + "(drop (memory.grow (i32.const -1))) i32.const 1")));
        assertReported(3 * PAGE, guests.run(handler(grow + "(loop (br 0)) i32.const 0"), withTimeout(100)));
        assertReported(3 * PAGE, guests.run(module(MEMORY, "(func $f (call $f))",
                "(func (export \"handler\") (result i32) " + grow + " (call $f) i32.const 0)")));
        assertReported(0, guests.run(module("(memory (export \"memory\") 4000)", NOTHING)));
    }

    @Test
    void runsOnNoOtherThreads() {
        var module = guests.compile(handler("i32.const 0"));
        assertThrows(IllegalStateException.class, () -> guests.sandbox.run(module, call()));
    }

    private static void assertReported(long peakBytes, Execution execution) {
        assertEquals(peakBytes, execution.memoryPeakBytes());
        assertTrue(execution.run().isPositive());
    }
}
