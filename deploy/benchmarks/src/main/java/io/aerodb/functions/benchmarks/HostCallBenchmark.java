package io.aerodb.functions.benchmarks;

import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.worker.wasm.CompiledModule;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** One host call, as part of a run that makes 10 000 of them. The answer of {@code http_fetch} costs nothing here. */
@BenchmarkMode(Mode.AverageTime)
public class HostCallBenchmark extends SandboxBenchmark {

    private static final int CALLS = 10_000;

    @Param({"none", "input_read", "env_get", "output_write", "log", "http_fetch", "memory.grow"})
    public String call;

    private CompiledModule module;

    @Setup
    public void compile() throws Exception {
        module = Guests.compile(sandbox, Guests.module(1, Guests.repeated(CALLS, instructions()), "(data (i32.const 0) \"A\")"));
    }

    private String instructions() {
        return switch (call) {
            case "none" -> "(drop (i32.load (i32.const 8)))";
            case "input_read" -> "(drop (call $input_read (i32.const 8) (i32.const 100)))";
            case "env_get" -> "(drop (call $env_get (i32.const 0) (i32.const 1)))";
            case "output_write" -> "(call $output_write (i32.const 8) (i32.const 16))";
            case "log" -> "(call $log (i32.const 1) (i32.const 8) (i32.const 16))";
            case "http_fetch" -> "(drop (call $http_fetch (i32.const 8) (i32.const 100)))";
            case "memory.grow" -> "(drop (memory.grow (i32.const 0)))";
            default -> throw new IllegalArgumentException(call);
        };
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public Execution hostCall() throws InterruptedException {
        return Guests.requireSucceeded(sandbox.run(module, Guests.call()));
    }
}
