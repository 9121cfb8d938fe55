package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.compiler.CompiledForm;
import io.aerodb.functions.function.ModuleHash;

/** Runs WebAssembly as JVM classes, which were made when it was deployed. A function too big for a JVM method is interpreted. */
final class EndiveEngine implements Engine {

    private final CompiledForms forms;

    EndiveEngine(CompiledForms forms) {
        this.forms = forms;
        EndiveWarmUp.run();
        ModuleParser.warmUp();
    }

    @Override
    public CompiledModule compile(ModuleHash hash, byte[] wasm) throws ModuleRejectedException, InterruptedException {
        return load(hash, forms.get(hash, wasm));
    }

    private static EndiveModule load(ModuleHash hash, CompiledForm form) throws ModuleRejectedException {
        var module = ModuleParser.parse(form.skeleton());
        try {
            return new EndiveModule(hash, module, EndiveClasses.load(form), EndiveModule.cost(form, module));
        } catch (RuntimeException | ReflectiveOperationException | LinkageError | StackOverflowError e) {
            // the engine's own exceptions, and whatever else it stumbles over
            throw ModuleRejectedException.invalid(e);
        }
    }

    /** Nothing to do: its classes go with their modules. */
    @Override
    public void close() {}
}
