package io.aerodb.functions.benchmarks;

import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.worker.wasm.CompiledModule;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A fresh instance and a call of it; the memory it begins with is all of its memory. */
@BenchmarkMode(Mode.SampleTime)
public class InvocationBenchmark extends SandboxBenchmark {

    /** Of 64 KiB each: 64 KiB, 1 MiB and 16 MiB. */
    @Param({"1", "16", "256"})
    public int pages;

    private CompiledModule nothing;
    private CompiledModule echo;

    @Setup
    public void compile() throws Exception {
        nothing = Guests.compile(sandbox, Guests.module(pages, Guests.NOTHING));
        echo = Guests.compile(sandbox, Guests.module(pages, Guests.ECHO));
    }

    @Benchmark
    public Execution nothing() throws InterruptedException {
        return Guests.requireSucceeded(sandbox.run(nothing, Guests.call()));
    }

    @Benchmark
    public Execution echo() throws InterruptedException {
        return Guests.requireSucceeded(sandbox.run(echo, Guests.call()));
    }
}
