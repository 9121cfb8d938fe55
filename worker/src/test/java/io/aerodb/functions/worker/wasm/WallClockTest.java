package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.call;
import static io.aerodb.functions.worker.wasm.Guests.handler;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static io.aerodb.functions.worker.wasm.Guests.withTimeout;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.wabt.Wat2Wasm;
import io.aerodb.functions.function.Limits;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import io.aerodb.functions.invocation.Outcome.TimedOut;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import run.endive.compiler.InterpreterFallback;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmEngineException;

class WallClockTest {

    private static final String ENDLESS = handler("(loop (br 0)) i32.const 0");
    private static final String FINE = handler("i32.const 0");

    private final Guests guests = new Guests();

    @AfterEach
    void close() {
        guests.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(loop (br 0)) i32.const 0",
        "(loop (br_if 0 (i32.const 1))) i32.const 0",
        "(loop (br_table 0 0 (i32.const 1))) i32.const 0",
        "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br 0)) i32.const 0",
        "(loop (memory.copy (i32.const 0) (i32.const 1) (i32.const 65535)) (br 0)) i32.const 0",
        "(loop (drop (memory.grow (i32.const 1))) (br 0)) i32.const 0",
        "(loop (drop (call $input_read (i32.const 0) (i32.const 0))) (br 0)) i32.const 0",
        "(loop (call $log (i32.const 1) (i32.const 0) (i32.const 9)) (br 0)) i32.const 0"
    })
    void killsAFunctionThatNeverReturns(String body) {
        var outcome = guests.run(handler(body), withTimeout(100)).outcome();
        assertEquals("the function ran longer than its timeout of 100 ms", timedOut(outcome).message());
    }

    @Test
    void killsAStartFunctionThatNeverReturns() {
        timedOut(guests.run(module("""
                (memory (export "memory") 1)
                (func $start (loop (br 0)))
                (start $start)
                (func (export "handler") (result i32) i32.const 0)"""), withTimeout(100)).outcome());
    }

    @Test
    void killsAnInitializeThatNeverReturns() {
        timedOut(guests.run(module("""
                (memory (export "memory") 1)
                (func (export "_initialize") (loop (br 0)))
                (func (export "handler") (result i32) i32.const 0)"""), withTimeout(100)).outcome());
    }

    @Test
    void killsCallsThatMultiplyWithoutALoop() {
        var functions = new StringBuilder("(func $f0)");
        for (var i = 1; i <= 60; i++) {
            functions.append("(func $f%d (call $f%d) (call $f%d))".formatted(i, i - 1, i - 1));
        }
        timedOut(guests.run(module("(memory (export \"memory\") 1)", functions.toString(),
                "(func (export \"handler\") (result i32) call $f60 i32.const 0)"), withTimeout(100)).outcome());
    }

    @Test
    void killsALongRowOfInstructionsWithoutALoop() {
        var fills = "(memory.fill (i32.const 0) (i32.const 0) (i32.const 67108864))".repeat(8_000);
        timedOut(guests.run(module("(memory (export \"memory\") 1024)",
                "(func (export \"handler\") (result i32) " + fills + " i32.const 0)"), withTimeout(100)).outcome());
    }

    @Test
    void killsAFunctionTooBigToBeCompiled() {
        var wat = handler("(i32.store8 (i32.const 0) (i32.load8_u (i32.const 0)))".repeat(9_000) + "(loop (br 0)) i32.const 0");
        var module = Parser.parse(Wat2Wasm.parse(wat));
        var compiler = MachineFactoryCompiler.builder(module).withInterpreterFallback(InterpreterFallback.FAIL);
        assertThrows(WasmEngineException.class, compiler::compile, "it is interpreted");
        timedOut(guests.run(wat, withTimeout(100)).outcome());
    }

    @Test
    void endsAtTheInvocationsDeadlineWhereThatIsNearer() {
        var call = new GuestCall(new byte[0], new byte[0], Map.of(), Guests.NO_SERVICES, Limits.DEFAULT, Duration.ofMillis(50));
        var execution = guests.run(guests.compile(ENDLESS), call);
        assertEquals("the function was still running when its invocation's deadline passed",
                timedOut(execution.outcome()).message());
        assertTrue(execution.run().compareTo(Duration.ofMillis(50)) >= 0);
    }

    @Test
    void theThreadOfAKilledFunctionRunsTheNext() {
        var endless = guests.compile(ENDLESS);
        var fine = guests.compile(FINE);
        for (var i = 0; i < 150; i++) {
            timedOut(guests.run(endless, remaining(1 + i % 5)).outcome());
            assertInstanceOf(Succeeded.class, guests.run(fine, call()).outcome());
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
            assertInstanceOf(Succeeded.class, guests.run(fine, call()).outcome());
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
                timedOut(execution.outcome());
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
        assertInstanceOf(Succeeded.class, guests.run(FINE).outcome());
    }

    private static GuestCall remaining(long millis) {
        return new GuestCall(new byte[0], new byte[0], Map.of(), Guests.NO_SERVICES, Limits.DEFAULT, Duration.ofMillis(millis));
    }

    private static TimedOut timedOut(Object outcome) {
        return assertInstanceOf(TimedOut.class, outcome);
    }
}
