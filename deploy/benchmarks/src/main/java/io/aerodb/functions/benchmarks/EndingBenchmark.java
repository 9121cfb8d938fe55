package io.aerodb.functions.benchmarks;

import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.worker.wasm.CompiledModule;
import io.aerodb.functions.worker.wasm.GuestCall;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Runs that end badly: what a function that does nothing else costs its worker. */
@BenchmarkMode(Mode.SampleTime)
public class EndingBenchmark extends SandboxBenchmark {

    @Param({"trap", "status", "stack", "stack at a host call", "memory of 1 MiB", "memory of 16 MiB"})
    public String ending;

    private CompiledModule module;
    private GuestCall call;

    @Setup
    public void compile() throws Exception {
        call = ending.endsWith("16 MiB") ? Guests.callWithMemory(16) : Guests.callWithMemory(1);
        module = Guests.compile(sandbox, switch (ending) {
            case "trap" -> Guests.module(1, "unreachable");
            case "status" -> Guests.module(1, "i32.const 1");
            case "stack" -> Guests.module(1, "call $f i32.const 0", "(func $f call $f)");
            case "stack at a host call" -> Guests.module(1, "call $f i32.const 0",
                    "(func $f (drop (call $input_read (i32.const 0) (i32.const 0))) call $f)");
            case "memory of 1 MiB", "memory of 16 MiB" -> Guests.module(1,
                    "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable");
            default -> throw new IllegalArgumentException(ending);
        });
    }

    @Benchmark
    public Execution run() throws InterruptedException {
        return sandbox.run(module, call);
    }
}
