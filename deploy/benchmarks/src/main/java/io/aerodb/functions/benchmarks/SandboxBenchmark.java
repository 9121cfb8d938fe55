package io.aerodb.functions.benchmarks;

import io.aerodb.functions.worker.wasm.Sandbox;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What all benchmarks of the sandbox share: a JVM as workers have it, and a sandbox. */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = {
    "-Xmx1g", "-XX:-DontCompileHugeMethods",
    "-Djmh.executor=CUSTOM", "-Djmh.executor.class=io.aerodb.functions.benchmarks.GuestExecutor"
})
public abstract class SandboxBenchmark {

    final Sandbox sandbox = Guests.sandbox();

    @TearDown(Level.Trial)
    public void close() {
        sandbox.close();
    }
}
