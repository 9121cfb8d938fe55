package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.lifecycle.UnavailableException;

/** What turns modules into something that runs. The limits are the sandbox's; an engine has to hold the ones of the guest's inside. */
sealed interface Engine extends AutoCloseable permits EndiveEngine, WasmtimeEngine {

    /**
     * Takes milliseconds to seconds, on the caller's thread.
     *
     * @param wasm a module that fits its hash and whose functions are {@linkplain CodeSize not too big}
     * @throws ModuleRejectedException if it is invalid, or breaks a {@linkplain ModuleRules rule}
     * @throws UnavailableException if something it takes is away for now
     */
    CompiledModule compile(ModuleHash hash, byte[] wasm) throws ModuleRejectedException, InterruptedException;

    /** After the last run has ended. */
    @Override
    void close();
}
