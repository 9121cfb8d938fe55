package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.compiler.CompiledForm;
import io.aerodb.functions.function.ModuleHash;

/** Where modules are had in the form that the engine loads. */
@FunctionalInterface
public interface CompiledForms {

    /**
     * @param wasm a module that fits its hash
     * @throws ModuleRejectedException if the module had to be compiled and could not be
     * @throws io.aerodb.functions.lifecycle.UnavailableException if it cannot be had for now
     */
    CompiledForm get(ModuleHash hash, byte[] wasm) throws ModuleRejectedException, InterruptedException;
}
