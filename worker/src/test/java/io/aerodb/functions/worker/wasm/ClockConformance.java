package io.aerodb.functions.worker.wasm;

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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

abstract class ClockConformance extends Conformance {

    private static final String ENDLESS = handler("(loop (br 0)) i32.const 0");
    private static final String FINE = handler("i32.const 0");
    /** So much of it that engines which compile to something smaller may have to interpret the function. */
    static final String BALLAST = "(i32.store8 (i32.const 0) (i32.load8_u (i32.const 0)))".repeat(9_000);

    ClockConformance(LongFunction<Sandbox> sandboxes) {
        super(sandboxes);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(loop (br 0)) i32.const 0",
        "(loop (br_if 0 (i32.const 1))) i32.const 0",
        "(loop (br_table 0 0 (i32.const 1))) i32.const 0",
        "(loop (block (br_table 1 1 0 1 (i32.const 0))) (br 0)) i32.const 0",
        "(loop (loop (br_if 1 (i32.const 1)))) i32.const 0",
        "(loop (result i32) (br_if 0 (i32.eqz (i32.const 0))) i32.const 0)",
        "(loop (call $nothing) (br 0)) i32.const 0",
        "(loop (call_indirect $t (type $none) (i32.const 0)) (br 0)) i32.const 0",
        "(loop (memory.init $d (i32.const 0) (i32.const 0) (i32.const 5)) (br 0)) i32.const 0",
        "(loop (table.fill $t (i32.const 0) (ref.null func) (i32.const 50000)) (br 0)) i32.const 0",
        "(loop (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 49999)) (br 0)) i32.const 0",
        "(loop (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1)) (br 0)) i32.const 0",
        "(loop (drop (table.grow $t (ref.null func) (i32.const 1))) (br 0)) i32.const 0",
        "(loop (drop (call $env_get (i32.const 0) (i32.const 3))) (br 0)) i32.const 0",
        "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br 0)) i32.const 0",
        "(loop (memory.copy (i32.const 0) (i32.const 1) (i32.const 65535)) (br 0)) i32.const 0",
        "(loop (drop (memory.grow (i32.const 1))) (br 0)) i32.const 0",
        "(loop (drop (call $input_read (i32.const 0) (i32.const 0))) (br 0)) i32.const 0",
        "(loop (call $log (i32.const 1) (i32.const 0) (i32.const 9)) (br 0)) i32.const 0"
    })
    void killsAFunctionThatNeverReturns(String body) {
        assertEquals("the function ran longer than its timeout of 100 ms", timedOut(guests.run(loops(body), withTimeout(100))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(func $start (loop (br 0))) (start $start)", "(func (export \"_initialize\") (loop (br 0)))"})
    void killsWhatNeverReturnsBeforeTheHandler(String before) {
        timedOut(guests.run(module(MEMORY, before, NOTHING), withTimeout(100)));
    }

    @Test
    void killsCallsThatMultiplyWithoutALoop() {
        var functions = new StringBuilder("(func $f0)");
        for (var i = 1; i <= 60; i++) {
            functions.append("(func $f%d (call $f%d) (call $f%d))".formatted(i, i - 1, i - 1));
        }
        timedOut(guests.run(module("(memory (export \"memory\") 1)", functions.toString(),
                "(func (export \"handler\") (result i32) call $f60 i32.const 0)"), withTimeout(100)));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(memory.fill (i32.const 0) (i32.const 0) (i32.const 67108864))",
        "(memory.copy (i32.const 0) (i32.const 1) (i32.const 67108863))",
        "(table.fill $t (i32.const 0) (ref.null func) (i32.const 50000))",
        "(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 49999))"
    })
    void killsALongRowOfInstructionsWithoutALoop(String instruction) {
        timedOut(guests.run(module("(memory (export \"memory\") 1024) (table $t 50000 funcref)",
                "(func (export \"handler\") (result i32) " + instruction.repeat(8_000) + " i32.const 0)"), remaining(20)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(loop (br 0))", "(loop (call $nothing) (br 0))", "(loop (br_table 0 0 (i32.const 3)))"})
    void killsAFunctionTooBigForAJvmMethod(String loop) {
        timedOut(guests.run(loops(BALLAST + loop + "i32.const 0"), withTimeout(100)));
    }

    @Test
    void killsALoopCalledByAFunctionTooBigForAJvmMethod() {
        timedOut(guests.run(module(MEMORY, "(func $loop (loop (br 0)))",
                "(func (export \"handler\") (result i32) " + BALLAST + "(call $loop) i32.const 0)"), withTimeout(100)));
    }

    @Test
    void endsAtTheInvocationsDeadlineWhereThatIsNearer() {
        var call = new GuestCall(new byte[0], new byte[0], Map.of(), Guests.NO_SERVICES, Limits.DEFAULT, Duration.ofMillis(50));
        var execution = guests.run(guests.compile(ENDLESS), call);
        assertEquals("the function was still running when its invocation's deadline passed",
                timedOut(execution));
        assertTrue(execution.run().compareTo(Duration.ofMillis(50)) >= 0);
    }

    @Test
    void theThreadOfAKilledFunctionRunsTheNext() {
        var endless = guests.compile(ENDLESS);
        var fine = guests.compile(FINE);
        for (var i = 0; i < 150; i++) {
            timedOut(guests.run(endless, remaining(1 + i % 5)));
            succeeded(guests.run(fine, call()));
        }
    }

    @Test
    void aDeadlineNearTheEndOfARunDoesNotReachTheNext() {
        var counting = guests.compile(handler("""
                (local $i i32)
                (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3000000))))
                i32.const 0"""));
        var fine = guests.compile(FINE);
        for (var i = 0; i < 300; i++) {
            guests.run(counting, remaining(1 + i % 8));
            succeeded(guests.run(fine, call()));
        }
    }

    @Test
    void keepsSixteenDeadlinesAtOnce() throws Exception {
        var endless = guests.compile(ENDLESS);
        try (var threads = Executors.newFixedThreadPool(16, new GuestThreads())) {
            var runs = new ArrayList<Future<Execution>>();
            for (var i = 0; i < 16; i++) {
                var call = remaining(20L + 20 * i);
                runs.add(threads.submit(() -> guests.sandbox.run(endless, call)));
            }
            for (var i = 0; i < 16; i++) {
                var execution = runs.get(i).get();
                timedOut(execution);
                assertTrue(execution.run().compareTo(Duration.ofMillis(20L + 20 * i)) >= 0, "not before its deadline");
            }
        }
    }

    @Test
    void anInterruptFromOutsideStopsTheFunctionAndIsPassedOn() throws Exception {
        var endless = guests.compile(ENDLESS);
        var runner = new AtomicReference<Thread>();
        var run = guests.thread.submit(() -> {
            runner.set(Thread.currentThread());
            return guests.sandbox.run(endless, call());
        });
        Awaitility.await().until(() -> guests.sandbox.memoryUsedBytes() > 0);
        runner.get().interrupt();
        assertInstanceOf(InterruptedException.class, assertThrows(ExecutionException.class, run::get).getCause());
        assertEquals(0, guests.sandbox.memoryUsedBytes());
        succeeded(guests.run(FINE));
    }

    private static String loops(String body) {
        return module(MEMORY, "(type $none (func)) (func $nothing) (table $t 50000 funcref) (data $d \"bytes\")",
                "(elem $e func $nothing) (elem (table $t) (i32.const 0) func $nothing)",
                "(func (export \"handler\") (result i32) " + body + ")");
    }

    private static GuestCall remaining(long millis) {
        return new GuestCall(new byte[0], new byte[0], Map.of(), Guests.NO_SERVICES, Limits.DEFAULT, Duration.ofMillis(millis));
    }
}
