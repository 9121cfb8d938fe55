package io.aerodb.functions.benchmarks;

import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.worker.wasm.CompiledModule;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The compilation of a module and the first call of it, which calls each of its functions once. The first measurement of a fork is
 * that of a new JVM; all are printed.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 10)
@Fork(2)
public class CompileBenchmark extends SandboxBenchmark {

    /** Of code, in functions of about 1 KiB each. */
    @Param({"24", "1024"})
    public int kibibytes;

    private byte[] wasm;

    @Setup(Level.Trial)
    public void assemble() {
        var functions = IntStream.range(0, kibibytes)
                .mapToObj(i -> "(func $f%d (param i32) (result i32) (local i32 i64 f64) %s (local.get 1))".formatted(i, body(i)))
                .collect(Collectors.joining("\n"));
        var calls = IntStream.range(0, kibibytes)
                .mapToObj("(drop (call $f%d (i32.const 64)))"::formatted)
                .collect(Collectors.joining());
        wasm = Guests.module(2, calls + "i32.const 0", functions);
    }

    @Benchmark
    public CompiledModule compile() throws Exception {
        return Guests.compile(sandbox, wasm);
    }

    @Benchmark
    public Execution firstCall(Fresh fresh) throws InterruptedException {
        return Guests.requireSucceeded(sandbox.run(fresh.module, Guests.call()));
    }

    private static String body(int seed) {
        return IntStream.range(0, 18).mapToObj(i -> """
                (local.set 1 (i32.add (local.get 1) (i32.load offset=%d (local.get 0))))
                (if (i32.lt_s (local.get 1) (i32.const %d))
                  (then (i32.store offset=%d (local.get 0) (i32.xor (local.get 1) (i32.const %d))))
                  (else (local.set 2 (i64.mul (i64.extend_i32_u (local.get 1)) (i64.const 31)))))
                (local.set 3 (f64.add (local.get 3) (f64.convert_i64_s (local.get 2))))
                (loop (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if 0 (i32.gt_s (local.get 0) (i32.const 63))))
                """.formatted(i * 4, i * 7 + seed, i * 4 + 128, i * 1_001 + seed)).collect(Collectors.joining());
    }

    /** Compiled, and never called. */
    @State(Scope.Benchmark)
    public static class Fresh {

        private CompiledModule module;

        @Setup(Level.Invocation)
        public void compile(CompileBenchmark benchmark) throws Exception {
            module = benchmark.compile();
        }
    }
}
