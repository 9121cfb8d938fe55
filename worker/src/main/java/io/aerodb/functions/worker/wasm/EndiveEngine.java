package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.function.ModuleHash;
import java.io.ByteArrayInputStream;
import java.util.Map;
import run.endive.compiler.InterpreterFallback;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.wasm.Parser;

/** Compiles WebAssembly to JVM classes. A function too big for a JVM method is interpreted. */
final class EndiveEngine implements Engine {

    /** Custom sections are left unread: nothing here needs them, and reading their names takes time quadratic in their number. */
    private static final Parser PARSER = Parser.builder().withCustomParsers(Map.of()).build();

    EndiveEngine() {
        EndiveWarmUp.run();
    }

    @Override
    public CompiledModule compile(ModuleHash hash, byte[] wasm) throws ModuleRejectedException {
        try {
            var module = PARSER.parse(() -> new ByteArrayInputStream(wasm));
            ModuleRules.check(module);
            return new EndiveModule(hash, module, MachineFactoryCompiler.builder(module)
                    .withInterpreterFallback(InterpreterFallback.SILENT)
                    .compile());
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            // the engine's own exceptions, and whatever else its parser or compiler stumbles over in bytes like these
            var reason = e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName();
            throw new ModuleRejectedException("the module is malformed or invalid: " + reason, e);
        }
    }
}
