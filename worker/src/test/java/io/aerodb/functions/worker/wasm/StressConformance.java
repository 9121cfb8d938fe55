package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.bytes;
import static io.aerodb.functions.worker.wasm.Guests.handler;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.Limits;
import io.aerodb.functions.invocation.Execution;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/** Many runs, of all kinds, at once and one after the other. {@code -Daerofn.stress=long} makes them as many as they ever have to be. */
abstract class StressConformance extends Conformance {

    private static final boolean LONG = "long".equals(System.getProperty("aerofn.stress"));
    private static final int THREADS = 200;
    private static final Duration MIXED = Duration.ofSeconds(LONG ? 60 : 4);
    private static final int AT_ONCE = 1_000;
    private static final int SEQUENTIAL = LONG ? 200_000 : 20_000;

    /** For what ends by itself: on a machine with more threads than it can serve, that takes a while. */
    private static final Limits PATIENT = new Limits(Duration.ofMinutes(5), Limits.MIB);

    /** Writes and logs its input, which it reads back from a host call. */
    private static final String ECHO = handler("""
            (local $n i32)
            (local.set $n (call $input_read (i32.const 0) (i32.const 1000)))
            (if (i32.ne (call $http_fetch (i32.const 0) (local.get $n)) (local.get $n)) (then unreachable))
            (memory.fill (i32.const 0) (i32.const 0) (local.get $n))
            (call $output_write (i32.const 0) (call $result_read (i32.const 0) (i32.const 1000)))
            (call $log (i32.const 1) (i32.const 0) (local.get $n))
            i32.const 0""");

    private final CompiledModule echo = guests.compile(ECHO);
    private final CompiledModule trapping = guests.compile(handler("(drop (i32.load (i32.const -1))) i32.const 0"));
    private final CompiledModule looping = guests.compile(handler("(loop (br 0)) i32.const 0"));
    private final CompiledModule growing = guests.compile(handler("""
            (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable"""));
    private final CompiledModule recursing = guests.compile(module(MEMORY, "(func $f (call $f))",
            "(func (export \"handler\") (result i32) call $f i32.const 0)"));
    private final CompiledModule recursingIntoTheHost = guests.compile(module(MEMORY,
            "(func $f (call $log (i32.const 1) (i32.const 0) (i32.const 0)) (call $f))",
            "(func (export \"handler\") (result i32) call $f i32.const 0)"));

    StressConformance(LongFunction<Sandbox> sandboxes) {
        super(sandboxes);
    }

    @Test
    void callsOfAllKindsOnManyThreadsEndAsTheyShould() throws Exception {
        try (var threads = Executors.newFixedThreadPool(THREADS, new GuestThreads())) {
            mixed(threads, MIXED.dividedBy(3));
            var before = Footprint.now();
            var runs = mixed(threads, MIXED);
            var after = Footprint.now();
            System.out.printf("%d mixed runs on %d threads in %s; before %s, after %s%n", runs, THREADS, MIXED, before, after);
            after.assertNotAbove(before);
        }
        assertEquals(0, guests.sandbox.memoryUsedBytes());
    }

    @Test
    void aThousandRunsAreInTheSandboxAtOnce() throws Exception {
        var meeting = new CountDownLatch(AT_ONCE);
        var services = new Echoing() {
            @Override
            public HostAnswer httpFetch(byte[] request, Duration remaining) throws InterruptedException {
                meeting.countDown();
                meeting.await();
                return super.httpFetch(request, remaining);
            }
        };
        try (var threads = Executors.newFixedThreadPool(AT_ONCE, new GuestThreads())) {
            var runs = new ArrayList<Future<Execution>>();
            for (var i = 0; i < AT_ONCE; i++) {
                var call = echoCall("run " + i, services);
                runs.add(threads.submit(() -> guests.sandbox.run(echo, call)));
            }
            for (var i = 0; i < AT_ONCE; i++) {
                assertEchoed("run " + i, runs.get(i).get());
            }
        }
        assertEquals(0, guests.sandbox.memoryUsedBytes());
    }

    @Test
    void oneRunAfterTheOtherLeavesNothingBehind() throws Exception {
        sequential(SEQUENTIAL / 4);
        var before = Footprint.now();
        sequential(SEQUENTIAL);
        var after = Footprint.now();
        System.out.printf("%d sequential runs; before %s, after %s%n", SEQUENTIAL, before, after);
        after.assertNotAbove(before);
        assertEquals(0, guests.sandbox.memoryUsedBytes());
    }

    private void sequential(int count) throws Exception {
        guests.thread.submit(() -> {
            for (var i = 0; i < count; i++) {
                switch (i % 100) {
                    case 98 -> failed(guests.sandbox.run(trapping, echoCall("")));
                    case 99 -> exceeded(guests.sandbox.run(growing, echoCall("")));
                    default -> assertEchoed("run " + i, guests.sandbox.run(echo, echoCall("run " + i)));
                }
            }
            return count;
        }).get();
    }

    private long mixed(ExecutorService threads, Duration duration) throws Exception {
        var end = System.nanoTime() + duration.toNanos();
        var counts = new ArrayList<Future<Long>>();
        for (var thread = 0; thread < THREADS; thread++) {
            var name = "thread " + thread + ", run ";
            counts.add(threads.submit(() -> {
                var runs = 0L;
                while (System.nanoTime() - end < 0) {
                    runAny(name + runs++);
                    assertFalse(Thread.currentThread().isInterrupted(), "an interrupt was left behind");
                }
                return runs;
            }));
        }
        var total = 0L;
        for (var count : counts) {
            total += count.get();
        }
        return total;
    }

    private void runAny(String input) throws InterruptedException {
        var sandbox = guests.sandbox;
        // loops are few: each keeps a processor until its end
        switch (ThreadLocalRandom.current().nextInt(60)) {
            case 0 -> timedOut(sandbox.run(looping, remaining(ThreadLocalRandom.current().nextInt(1, 50))));
            case 1, 2 -> assertEquals("the function's call stack is exhausted", failed(sandbox.run(recursing, echoCall(""))).message());
            case 3, 4 -> assertEquals("the function's call stack is exhausted", failed(sandbox.run(recursingIntoTheHost, echoCall(""))).message());
            case 5, 6, 7, 8 -> assertEquals("the function asked for more memory than its limit of 1 MiB",
                    exceeded(sandbox.run(growing, echoCall(""))));
            case 9, 10, 11, 12 -> assertTrue(failed(sandbox.run(trapping, echoCall(""))).message().startsWith("the function trapped: "));
            default -> assertEchoed(input, sandbox.run(echo, echoCall(input)));
        }
    }

    private static void assertEchoed(String input, Execution execution) {
        assertEquals(input, succeeded(execution));
        assertEquals(List.of(input), execution.log().stream().map(line -> line.message()).toList());
        assertEquals(65_536, execution.memoryPeakBytes());
    }

    private static GuestCall echoCall(String input) {
        return echoCall(input, new Echoing());
    }

    private static GuestCall echoCall(String input, GuestServices services) {
        return new GuestCall(bytes(input), bytes("{}"), Map.of(), services, PATIENT, Duration.ofMinutes(10));
    }

    private static GuestCall remaining(long millis) {
        return new GuestCall(bytes(""), bytes("{}"), Map.of(), Guests.NO_SERVICES, Limits.DEFAULT, Duration.ofMillis(millis));
    }

    private static class Echoing implements GuestServices {

        @Override
        public HostAnswer dbQuery(String sql, byte[] params, Duration remaining) {
            throw new AssertionError("no query was expected");
        }

        @Override
        public HostAnswer httpFetch(byte[] request, Duration remaining) throws InterruptedException {
            return HostAnswer.of(request);
        }
    }
}
