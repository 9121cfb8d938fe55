package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.function.ModuleHash;
import run.endive.wasm.types.MemoryLimits;

/** A module that one engine has made ready to run; any number of threads may run it at the same time. */
public abstract sealed class CompiledModule permits EndiveModule, WasmtimeModule {

    private final ModuleHash hash;
    private final MemoryLimits memory;
    private final long cost;

    /**
     * @param memory as the module declares it
     * @param cost about how many bytes of this process it takes while it is kept
     */
    CompiledModule(ModuleHash hash, MemoryLimits memory, long cost) {
        this.hash = hash;
        this.memory = memory;
        this.cost = cost;
    }

    public final ModuleHash hash() {
        return hash;
    }

    /** About how many bytes of this process it takes while it is kept. */
    public final long cost() {
        return cost;
    }

    final MemoryLimits memory() {
        return memory;
    }

    /**
     * Runs a fresh instance of it, from its start function to the end of its handler, on the current thread. An interrupt of the
     * thread stops it.
     *
     * @return the function's status
     * @throws GuestEnd if it ends before
     */
    abstract int run(GuestRun run);
}
