package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.function.ModuleHash;
import run.endive.compiler.InterpreterFallback;
import run.endive.compiler.MachineFactoryCompiler;

/** Compiles WebAssembly to JVM classes. A function too big for a JVM method is interpreted. */
final class EndiveEngine implements Engine {

    EndiveEngine() {
        EndiveWarmUp.run();
    }

    @Override
    public CompiledModule compile(ModuleHash hash, byte[] wasm) throws ModuleRejectedException {
        var module = ModuleParser.parse(wasm);
        try {
            return new EndiveModule(hash, module, MachineFactoryCompiler.builder(module)
                    .withInterpreterFallback(InterpreterFallback.SILENT)
                    .compile());
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            // the compiler's own exceptions, and whatever else it stumbles over in a module like this
            throw ModuleRejectedException.invalid(e);
        }
    }

    /** Nothing to do: its classes go with their modules. */
    @Override
    public void close() {}
}
