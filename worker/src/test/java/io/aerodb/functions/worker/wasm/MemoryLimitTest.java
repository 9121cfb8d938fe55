package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.call;
import static io.aerodb.functions.worker.wasm.Guests.handler;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static io.aerodb.functions.worker.wasm.Guests.withMemory;
import static io.aerodb.functions.worker.wasm.Guests.withTimeout;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.Limits;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Outcome.Failed;
import io.aerodb.functions.invocation.Outcome.MemoryExceeded;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import io.aerodb.functions.invocation.Outcome.TimedOut;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryLimitTest {

    /** Grows until it is refused, and then traps, as allocators do. */
    private static final String HOG = handler("""
            (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
            unreachable""");
    private static final String OVER_BUDGET =
            "the memory that all functions of this worker share is used up; the function's own limit was not reached";

    private final Guests guests = new Guests();

    @AfterEach
    void close() {
        guests.close();
    }

    @Test
    void stopsAMemoryHog() {
        var execution = guests.run(HOG, withMemory(3));
        assertEquals("the function asked for more memory than its limit of 3 MiB", exceeded(execution.outcome()));
        assertEquals(3 * Limits.MIB, execution.memoryPeakBytes());
    }

    @Test
    void aFunctionThatGivesUpAfterARefusalHasExceededItsMemory() {
        exceeded(guests.run(handler("(memory.grow (i32.const 100))"), withMemory(1)).outcome());
    }

    @Test
    void aFunctionThatCopesWithARefusalSucceeds() {
        succeeded(guests.run(handler("(drop (memory.grow (i32.const 1000))) i32.const 0"), withMemory(1)).outcome());
    }

    @Test
    void anExhaustedStackIsNotBlamedOnAnEarlierRefusal() {
        var deep = module("(memory (export \"memory\") 1)", "(func $f (export \"f\") (call $f))",
                "(func (export \"handler\") (result i32) (drop (memory.grow (i32.const 99999))) (call $f) i32.const 0)");
        assertInstanceOf(Failed.class, guests.run(deep).outcome());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 65_536, 16})
    void absurdGrowthIsRefused(int pages) {
        var grow = handler("(i32.add (memory.grow (i32.const " + pages + ")) (i32.const 1))");
        succeeded(guests.run(grow, withMemory(1)).outcome());
    }

    @Test
    void growsToItsLimitExactly() {
        var execution = guests.run(handler("""
                (if (i32.ne (memory.grow (i32.const 15)) (i32.const 1)) (then unreachable))
                (i32.store (i32.const 1048572) (i32.const 1))
                i32.const 0"""), withMemory(1));
        succeeded(execution.outcome());
        assertEquals(Limits.MIB, execution.memoryPeakBytes());
    }

    @Test
    void anInitialMemoryAboveTheLimitIsExceededWithoutARun() {
        var big = module("(memory (export \"memory\") 17)", "(func (export \"handler\") (result i32) unreachable)");
        assertEquals("the function asked for more memory than its limit of 1 MiB",
                exceeded(guests.run(big, withMemory(1)).outcome()));
    }

    @Test
    void theModulesOwnMaximumIsNamed() {
        var small = module("(memory (export \"memory\") 1 2)",
                "(func (export \"handler\") (result i32) (memory.grow (i32.const 2)))");
        assertEquals("the function asked for more memory than its module declares, 2 pages of 64 KiB",
                exceeded(guests.run(small).outcome()));
    }

    @Test
    void theWorkersBudgetIsToldFromTheFunctionsLimit() {
        try (var poor = new Guests(2 * Limits.MIB)) {
            assertEquals(OVER_BUDGET, exceeded(poor.run(HOG, withMemory(3)).outcome()));
            var big = module("(memory (export \"memory\") 40)", "(func (export \"handler\") (result i32) i32.const 0)");
            assertEquals(OVER_BUDGET, exceeded(poor.run(big, withMemory(3)).outcome()));
            assertEquals(0, poor.sandbox.memoryUsedBytes());
            succeeded(poor.run(handler("i32.const 0")).outcome());
        }
    }

    @Test
    void givesTheMemoryBackAfterEveryOutcome() {
        succeeded(guests.run(handler("(drop (memory.grow (i32.const 5))) i32.const 0")).outcome());
        assertEquals(0, guests.sandbox.memoryUsedBytes());
        assertInstanceOf(Failed.class, guests.run(handler("(drop (memory.grow (i32.const 5))) i32.const 3")).outcome());
        assertEquals(0, guests.sandbox.memoryUsedBytes());
        assertInstanceOf(Failed.class, guests.run(handler("unreachable")).outcome());
        assertEquals(0, guests.sandbox.memoryUsedBytes());
        exceeded(guests.run(HOG, withMemory(1)).outcome());
        assertEquals(0, guests.sandbox.memoryUsedBytes());
        assertInstanceOf(TimedOut.class, guests.run(handler("(loop (br 0)) i32.const 0"), withTimeout(100)).outcome());
        assertEquals(0, guests.sandbox.memoryUsedBytes());
        var brokenStart = module("(memory (export \"memory\") 1)", "(func $start unreachable)", "(start $start)",
                "(func (export \"handler\") (result i32) i32.const 0)");
        assertInstanceOf(Failed.class, guests.run(brokenStart).outcome());
        assertEquals(0, guests.sandbox.memoryUsedBytes());
        var deep = module("(memory (export \"memory\") 1)",
                "(func $f (export \"f\") (drop (memory.grow (i32.const 0))) (call $f))",
                "(func (export \"handler\") (result i32) (call $f) i32.const 0)");
        assertInstanceOf(Failed.class, guests.run(deep).outcome());
        assertEquals(0, guests.sandbox.memoryUsedBytes());
    }

    @Test
    void greedyFunctionsNeverGetMoreThanTheBudgetTogether() throws Exception {
        try (var poor = new Guests(8 * Limits.MIB); var threads = Executors.newFixedThreadPool(4, new GuestThreads())) {
            var hog = poor.compile(HOG);
            var runs = new ArrayList<Future<Outcome>>();
            for (var i = 0; i < 200; i++) {
                runs.add(threads.submit(() -> poor.sandbox.run(hog, withMemory(4)).outcome()));
            }
            for (var run : runs) {
                exceeded(run.get());
                assertTrue(poor.sandbox.memoryUsedBytes() <= 8 * Limits.MIB);
            }
            assertEquals(0, poor.sandbox.memoryUsedBytes());
        }
    }

    @Test
    void tablesGrowToTheirLimitAndNotBeyond() {
        var growing = module("(memory (export \"memory\") 1)", "(table $a 10 funcref)", "(table $b 10 funcref)", """
                (func (export "handler") (result i32)
                  (if (i32.ne (table.grow $a (ref.null func) (i32.const 99970)) (i32.const 10)) (then unreachable))
                  (if (i32.ne (table.grow $b (ref.null func) (i32.const 11)) (i32.const -1)) (then unreachable))
                  (if (i32.ne (table.grow $b (ref.null func) (i32.const -1)) (i32.const -1)) (then unreachable))
                  (if (i32.ne (table.grow $b (ref.null func) (i32.const 10)) (i32.const 10)) (then unreachable))
                  i32.const 0)""");
        var module = guests.compile(growing);
        for (var i = 0; i < 3; i++) {
            succeeded(guests.run(module, call()).outcome());
        }
    }

    private static String exceeded(Outcome outcome) {
        return assertInstanceOf(MemoryExceeded.class, outcome).message();
    }

    private static void succeeded(Outcome outcome) {
        assertInstanceOf(Succeeded.class, outcome, outcome.message());
    }
}
