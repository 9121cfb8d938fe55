package io.aerodb.functions.benchmarks;

import io.aerodb.functions.function.Limits;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.Outcome.TimedOut;
import io.aerodb.functions.worker.wasm.GuestThreads;
import io.aerodb.functions.worker.wasm.Sandbox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

/**
 * Prints by how much functions that never return run over their timeout, alone and many at once; and by how much a thread oversleeps
 * that does nothing, which is what the machine itself is late.
 */
final class DeadlineOverrun {

    private static final Limits LIMITS = new Limits(Duration.ofMillis(100), Limits.DEFAULT.memoryBytes());
    private static final int RUNS = 96;
    private static final int[] AT_ONCE = {1, 2, 16};

    private DeadlineOverrun() {}

    public static void main(String[] arguments) throws Exception {
        System.out.printf("%-22s %8s %10s %10s %10s%n", "µs over 100 ms", "at once", "p50", "p95", "max");
        try (var sandbox = Guests.sandbox()) {
            printAll("Thread.sleep", () -> {
                var start = System.nanoTime();
                Thread.sleep(LIMITS.timeout());
                return System.nanoTime() - start - LIMITS.timeout().toNanos();
            });
            for (var endless : modules().entrySet()) {
                var module = Guests.compile(sandbox, endless.getValue());
                printAll(endless.getKey(), () -> overrun(sandbox.run(module, Guests.call(LIMITS))));
            }
        }
    }

    private static long overrun(Execution execution) {
        if (!(execution.outcome() instanceof TimedOut)) {
            throw new IllegalStateException("the function ended by itself: " + execution.outcome());
        }
        return execution.run().minus(LIMITS.timeout()).toNanos();
    }

    private static Map<String, byte[]> modules() {
        var modules = new LinkedHashMap<String, byte[]>();
        modules.put("loop", Guests.module(1, Guests.ENDLESS));
        modules.put("interpreted loop", Guests.module(1,
                "(i32.store8 (i32.const 0) (i32.load8_u (i32.const 0)))".repeat(9_000) + Guests.ENDLESS));
        modules.put("calls", Guests.module(1, "(loop (call $nothing) (br 0)) i32.const 0", "(func $nothing)"));
        modules.put("host calls", Guests.module(1, "(loop (drop (call $env_get (i32.const 0) (i32.const 1))) (br 0)) i32.const 0"));
        modules.put("memory.fill of 32 MiB", Guests.module(512,
                "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 33554432)) (br 0)) i32.const 0"));
        return modules;
    }

    /** @param run gives its overrun in nanoseconds */
    private static void printAll(String name, Callable<Long> run) throws Exception {
        for (var atOnce : AT_ONCE) {
            var overruns = new ArrayList<Long>();
            try (var threads = Executors.newFixedThreadPool(atOnce, new GuestThreads())) {
                for (var done = 0; done < RUNS; done += atOnce) {
                    for (var overrun : threads.invokeAll(Collections.nCopies(atOnce, run))) {
                        overruns.add(overrun.get());
                    }
                }
            }
            overruns.sort(null);
            System.out.printf("%-22s %8d %10.0f %10.0f %10.0f%n", name, atOnce, micros(overruns, 50), micros(overruns, 95), micros(overruns, 100));
        }
    }

    private static double micros(List<Long> sorted, int percent) {
        return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100)) / 1e3;
    }
}
