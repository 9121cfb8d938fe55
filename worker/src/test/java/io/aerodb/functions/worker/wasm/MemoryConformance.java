package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.handler;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static io.aerodb.functions.worker.wasm.Guests.withEnv;
import static io.aerodb.functions.worker.wasm.Guests.withMemory;
import static io.aerodb.functions.worker.wasm.Guests.withTimeout;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.Limits;
import io.aerodb.functions.invocation.Execution;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

abstract class MemoryConformance extends Conformance {

    /** Grows until it is refused, and then traps, as allocators do. */
    private static final String HOG = handler("""
            (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
            unreachable""");
    private static final String OVER_BUDGET =
            "the memory that all functions of this worker share is used up; the function's own limit was not reached";

    MemoryConformance(LongFunction<Sandbox> sandboxes) {
        super(sandboxes);
    }

    @Test
    void stopsAMemoryHog() {
        var execution = guests.run(HOG, withMemory(3));
        assertEquals("the function asked for more memory than its limit of 3 MiB", exceeded(execution));
        assertEquals(3 * Limits.MIB, execution.memoryPeakBytes());
    }

    @Test
    void aFunctionThatGivesUpAfterARefusalHasExceededItsMemory() {
        exceeded(guests.run(handler("(memory.grow (i32.const 100))"), withMemory(1)));
    }

    @Test
    void aFunctionThatCopesWithARefusalSucceeds() {
        succeeded(guests.run(handler("(drop (memory.grow (i32.const 1000))) i32.const 0"), withMemory(1)));
    }

    @Test
    void anExhaustedStackIsNotBlamedOnAnEarlierRefusal() {
        var deep = module("(memory (export \"memory\") 1)", "(func $f (export \"f\") (call $f))",
                "(func (export \"handler\") (result i32) (drop (memory.grow (i32.const 99999))) (call $f) i32.const 0)");
        failed(guests.run(deep));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 65_536, 16})
    void absurdGrowthIsRefused(int pages) {
        var grow = handler("(i32.add (memory.grow (i32.const " + pages + ")) (i32.const 1))");
        succeeded(guests.run(grow, withMemory(1)));
    }

    @Test
    void growsToItsLimitExactly() {
        var execution = guests.run(handler("""
                (if (i32.ne (memory.grow (i32.const 15)) (i32.const 1)) (then unreachable))
                (i32.store (i32.const 1048572) (i32.const 1))
                i32.const 0"""), withMemory(1));
        succeeded(execution);
        assertEquals(Limits.MIB, execution.memoryPeakBytes());
    }

    @Test
    void growthInSmallStepsIsCountedAsGrowthInOne() {
        var execution = guests.run(handler("""
                (local $i i32)
                (loop $more
                  (if (i32.ne (memory.size) (i32.add (local.get $i) (i32.const 1))) (then unreachable))
                  (if (i32.ne (memory.grow (i32.const 1)) (i32.add (local.get $i) (i32.const 1))) (then unreachable))
                  (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1600))))
                i32.const 0"""));
        succeeded(execution);
        assertEquals(1601 * 65_536, execution.memoryPeakBytes());
    }

    @Test
    void growthKeepsWhatIsThereAndAddsZeros() {
        succeeded(guests.run(handler("""
                (i64.store (i32.const 65528) (i64.const -1))
                (if (i32.ne (memory.grow (i32.const 0)) (i32.const 1)) (then unreachable))
                (if (i32.ne (memory.grow (i32.const 3)) (i32.const 1)) (then unreachable))
                (if (i64.ne (i64.load (i32.const 65528)) (i64.const -1)) (then unreachable))
                (if (i64.ne (i64.load (i32.const 65536)) (i64.const 0)) (then unreachable))
                (i64.load (i32.const 262136)) i32.wrap_i64""")));
    }

    @Test
    void whatIsRefusedIsNotThere() {
        var over = guests.run(handler("(drop (memory.grow (i32.const 16))) (i32.load8_u (i32.const 65536))"), withMemory(1));
        assertEquals("the function asked for more memory than its limit of 1 MiB", exceeded(over));
        assertEquals(65_536, over.memoryPeakBytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"(func $start %s) (start $start)", "(func (export \"_initialize\") %s)"})
    void whatRunsBeforeTheHandlerIsHeldToTheLimit(String before) {
        var hog = "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable";
        var execution = guests.run(module(MEMORY, before.formatted(hog), NOTHING), withMemory(2));
        assertEquals("the function asked for more memory than its limit of 2 MiB", exceeded(execution));
        assertEquals(2 * Limits.MIB, execution.memoryPeakBytes());
    }

    @Test
    void aTrapWithoutARefusalIsNotBlamedOnMemory() {
        failed(guests.run(handler("(drop (memory.grow (i32.const 15))) unreachable"), withMemory(1)));
    }

    @Test
    void aHogThatGoesOnAfterItsRefusalIsTimedOut() {
        timedOut(guests.run(handler("(drop (memory.grow (i32.const -1))) (loop (br 0)) i32.const 0"), withTimeout(100)));
    }

    @Test
    void hugeDataSegmentsAreInTheMemoryAndNowhereElse() {
        var data = "(data (i32.const 0) \"" + "x".repeat(1_000_000) + "\") (data $passive \"" + "y".repeat(1_000_000) + "\")";
        var execution = guests.run(module("(memory (export \"memory\") 16)", data, """
                (func (export "handler") (result i32)
                  (memory.init $passive (i32.const 1) (i32.const 1) (i32.const 999998))
                  (call $output_write (i32.const 0) (i32.const 1000000))
                  i32.const 0)"""), withMemory(1));
        assertEquals("x" + "y".repeat(999_998) + "x", succeeded(execution));
        assertEquals(Limits.MIB, execution.memoryPeakBytes());
    }

    @Test
    void manyDataSegmentsAreCopiedOneByOne() {
        var data = IntStream.range(0, 5_000).mapToObj("(data (i32.const %d) \"z\")"::formatted).collect(Collectors.joining());
        assertEquals("z".repeat(5_000), succeeded(guests.run(module(MEMORY, data, """
                (func (export "handler") (result i32) (call $output_write (i32.const 0) (i32.const 5000)) i32.const 0)"""))));
    }

    @Test
    void largeBulkInstructionsDoWhatSmallOnesDo() {
        // a mark at each end and in the middle of 10 MiB, moved by odd distances up and down over itself
        var moving = module("(memory (export \"memory\") 200)", """
                (func $check (param $at i32)
                  (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 1)) (then unreachable))
                  (if (i32.ne (i32.load8_u (i32.add (local.get $at) (i32.const 5000001))) (i32.const 2)) (then unreachable))
                  (if (i32.ne (i32.load8_u (i32.add (local.get $at) (i32.const 9999999))) (i32.const 3)) (then unreachable))
                  (if (i32.ne (i32.load8_u (i32.add (local.get $at) (i32.const 9999998))) (i32.const 7)) (then unreachable)))
                (func (export "handler") (result i32)
                  (memory.fill (i32.const 3) (i32.const 7) (i32.const 10000000))
                  (if (i32.load8_u (i32.const 2)) (then unreachable))
                  (if (i32.load8_u (i32.const 10000003)) (then unreachable))
                  (i32.store8 (i32.const 3) (i32.const 1))
                  (i32.store8 (i32.const 5000004) (i32.const 2))
                  (i32.store8 (i32.const 10000002) (i32.const 3))
                  (memory.copy (i32.const 1000010) (i32.const 3) (i32.const 10000000))
                  (call $check (i32.const 1000010))
                  (memory.copy (i32.const 4) (i32.const 1000010) (i32.const 10000000))
                  (call $check (i32.const 4))
                  (memory.copy (i32.const 5) (i32.const 4) (i32.const 10000000))
                  (call $check (i32.const 5))
                  i32.const 0)""");
        succeeded(guests.run(moving));
    }

    @Test
    void anInitialMemoryAboveTheLimitIsExceededWithoutARun() {
        var big = module("(memory (export \"memory\") 17)", "(func (export \"handler\") (result i32) unreachable)");
        assertEquals("the function asked for more memory than its limit of 1 MiB",
                exceeded(guests.run(big, withMemory(1))));
    }

    @Test
    void theModulesOwnMaximumIsNamed() {
        var small = module("(memory (export \"memory\") 1 2)",
                "(func (export \"handler\") (result i32) (memory.grow (i32.const 2)))");
        assertEquals("the function asked for more memory than its module declares, 2 pages of 64 KiB",
                exceeded(guests.run(small)));
    }

    @Test
    void theWorkersBudgetIsToldFromTheFunctionsLimit() {
        try (var poor = guestsWithBudget(2 * Limits.MIB)) {
            assertEquals(OVER_BUDGET, exceeded(poor.run(HOG, withMemory(3))));
            var big = module("(memory (export \"memory\") 40)", "(func (export \"handler\") (result i32) i32.const 0)");
            assertEquals(OVER_BUDGET, exceeded(poor.run(big, withMemory(3))));
            assertEquals(0, poor.sandbox.memoryUsedBytes());
            succeeded(poor.run(handler("i32.const 0")));
        }
    }

    @Test
    void whatTheHostKeepsForARunCountsToo() {
        var write = "(call $output_write (i32.const 0) (i32.const 60000))";
        try (var poor = guestsWithBudget(Limits.MIB)) {
            assertEquals(OVER_BUDGET, exceeded(poor.run(handler(write.repeat(20) + "i32.const 0"))));
            assertEquals(0, poor.sandbox.memoryUsedBytes());
            assertEquals(OVER_BUDGET, exceeded(poor.run(handler("(call $env_get (i32.const 0) (i32.const 0))"),
                    withEnv("", "x".repeat((int) Limits.MIB)))));
            assertEquals(0, poor.sandbox.memoryUsedBytes());
            succeeded(poor.run(handler(write.repeat(5) + "i32.const 0")));
            assertEquals(0, poor.sandbox.memoryUsedBytes());
        }
    }

    @Test
    void givesTheMemoryBackAfterEveryOutcome() {
        succeeded(guests.run(handler("(drop (memory.grow (i32.const 5))) i32.const 0")));
        assertEquals(0, guests.sandbox.memoryUsedBytes());
        failed(guests.run(handler("(drop (memory.grow (i32.const 5))) i32.const 3")));
        assertEquals(0, guests.sandbox.memoryUsedBytes());
        failed(guests.run(handler("unreachable")));
        assertEquals(0, guests.sandbox.memoryUsedBytes());
        exceeded(guests.run(HOG, withMemory(1)));
        assertEquals(0, guests.sandbox.memoryUsedBytes());
        timedOut(guests.run(handler("(loop (br 0)) i32.const 0"), withTimeout(100)));
        assertEquals(0, guests.sandbox.memoryUsedBytes());
        var brokenStart = module("(memory (export \"memory\") 1)", "(func $start unreachable)", "(start $start)",
                "(func (export \"handler\") (result i32) i32.const 0)");
        failed(guests.run(brokenStart));
        assertEquals(0, guests.sandbox.memoryUsedBytes());
        var deep = module("(memory (export \"memory\") 1)",
                "(func $f (export \"f\") (drop (memory.grow (i32.const 0))) (call $f))",
                "(func (export \"handler\") (result i32) (call $f) i32.const 0)");
        failed(guests.run(deep));
        assertEquals(0, guests.sandbox.memoryUsedBytes());
    }

    @Test
    void greedyFunctionsNeverGetMoreThanTheBudgetTogether() throws Exception {
        try (var poor = guestsWithBudget(8 * Limits.MIB); var threads = Executors.newFixedThreadPool(4, new GuestThreads())) {
            var hog = poor.compile(HOG);
            var runs = new ArrayList<Future<Execution>>();
            for (var i = 0; i < 200; i++) {
                runs.add(threads.submit(() -> poor.sandbox.run(hog, withMemory(4))));
            }
            for (var run : runs) {
                exceeded(run.get());
                assertTrue(poor.sandbox.memoryUsedBytes() <= 8 * Limits.MIB);
            }
            assertEquals(0, poor.sandbox.memoryUsedBytes());
        }
    }
}
