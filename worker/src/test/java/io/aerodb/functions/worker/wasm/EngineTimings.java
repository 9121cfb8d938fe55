package io.aerodb.functions.worker.wasm;

import com.dylibso.chicory.wabt.Wat2Wasm;
import io.aerodb.functions.function.ModuleHash;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Prints what each engine takes for the same modules; it tests nothing, because machines differ. */
class EngineTimings {

    private static final int RUNS = 5_000;
    private static final int HOST_CALLS = 10_000;
    private static final int ROUNDS = 100_000_000;
    private static final int INTERPRETED_ROUNDS = 1_000_000;

    private static final String NOTHING = Guests.handler("i32.const 0");
    private static final String ECHO = Guests.handler("""
            (call $output_write (i32.const 0) (call $input_read (i32.const 0) (i32.const 60000)))
            i32.const 0""");
    private static final String CALLS = Guests.handler("""
            (local $i i32)
            (loop $l (drop (call $result_read (i32.const 0) (i32.const 0)))
              (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const %d))))
            i32.const 0""".formatted(HOST_CALLS));
    private static final String LOOP = Guests.handler("""
            (local $i i32) (local $s i32)
            (loop $l
              (i32.store (i32.and (local.get $i) (i32.const 0xfffc))
                (local.tee $s (i32.add (i32.mul (local.get $s) (i32.const 31)) (i32.load (i32.and (local.get $s) (i32.const 0xfffc))))))
              (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const %d))))
            i32.const 0""".formatted(ROUNDS));
    private static final String LARGE = Guests.module("(memory (export \"memory\") 1)", """
            (func (param i32) (result i32)
              %s
              (i32.add (local.get 0) (i32.const 7)))
            """.formatted("(i32.store (i32.const 0) (local.get 0)) ".repeat(20)).repeat(1_000),
            "(func (export \"handler\") (result i32) i32.const 0)");

    /** Too large for a JVM method. */
    private static final String HUGE = Guests.handler("(local $i i32) (if (i32.const 0) (then " + ClockConformance.BALLAST + """
            )) (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const %d))))
            i32.const 0""".formatted(INTERPRETED_ROUNDS));

    @ParameterizedTest
    @EnumSource
    void print(SandboxEngine engine) throws Exception {
        try (var guests = new Guests(Guests.sandbox(engine, Guests.BUDGET_BYTES))) {
            compile(engine, guests, "nothing", NOTHING);
            compile(engine, guests, "1000 functions", LARGE);
            first(engine, guests);
            run(engine, guests, "nothing", NOTHING);
            run(engine, guests, "echo", ECHO);
            each(engine, guests, "host call", CALLS, HOST_CALLS);
            each(engine, guests, "round of a loop", LOOP, ROUNDS);
            each(engine, guests, "round in a huge function", HUGE, INTERPRETED_ROUNDS);
        }
    }

    private static void compile(SandboxEngine engine, Guests guests, String name, String wat) throws ModuleRejectedException, InterruptedException {
        var wasm = Wat2Wasm.parse(wat);
        var nanos = new long[20];
        for (var i = 0; i < nanos.length; i++) {
            var start = System.nanoTime();
            guests.sandbox.compile(ModuleHash.of(wasm), wasm);
            nanos[i] = System.nanoTime() - start;
        }
        System.out.printf("%-8s compile %-16s first %.1f ms, again %.1f ms%n", engine, name, nanos[0] / 1e6, p(50, nanos) / 1e6);
    }

    private static void first(SandboxEngine engine, Guests guests) throws Exception {
        var module = guests.compile(ECHO);
        System.out.printf("%-8s first call           %.1f µs%n", engine, guests.thread.submit(() -> time(guests, module)).get() / 1e3);
    }

    private static void run(SandboxEngine engine, Guests guests, String name, String wat) throws Exception {
        var module = guests.compile(wat);
        var nanos = new long[RUNS];
        guests.thread.submit(() -> {
            for (var round = 0; round < 4; round++) {
                for (var i = 0; i < nanos.length; i++) {
                    nanos[i] = time(guests, module);
                }
            }
            return true;
        }).get();
        System.out.printf("%-8s instance and call, %-8s p50 %.1f µs, p95 %.1f, p99 %.1f%n", engine, name,
                p(50, nanos) / 1e3, p(95, nanos) / 1e3, p(99, nanos) / 1e3);
    }

    private static void each(SandboxEngine engine, Guests guests, String name, String wat, int times) throws Exception {
        var module = guests.compile(wat);
        var nanos = new long[5];
        guests.thread.submit(() -> {
            for (var i = 0; i < nanos.length; i++) {
                nanos[i] = time(guests, module);
            }
            return true;
        }).get();
        System.out.printf("%-8s %-16s best %.2f ns, p50 %.2f%n", engine, name,
                Arrays.stream(nanos).min().orElseThrow() / (double) times, p(50, nanos) / (double) times);
    }

    private static long time(Guests guests, CompiledModule module) throws InterruptedException {
        var call = Guests.call("hello, world");
        var start = System.nanoTime();
        var outcome = guests.sandbox.run(module, call).outcome();
        var took = System.nanoTime() - start;
        if (!outcome.message().isEmpty()) {
            throw new AssertionError(outcome.message());
        }
        return took;
    }

    private static long p(int percentile, long[] nanos) {
        var sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[Math.min(sorted.length - 1, sorted.length * percentile / 100)];
    }
}
