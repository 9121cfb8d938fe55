package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.compiler.CompiledForm;
import io.aerodb.functions.function.ModuleHash;
import java.io.ByteArrayInputStream;
import java.util.Map;
import run.endive.wasm.Parser;

/** Runs WebAssembly as JVM classes, which were made when it was deployed. A function too big for a JVM method is interpreted. */
final class EndiveEngine implements Engine {

    /** Custom sections are left unread: nothing here needs them, and reading their names takes time quadratic in their number. */
    private static final Parser PARSER = Parser.builder().withCustomParsers(Map.of()).build();

    /** One function that does nothing. */
    private static final byte[] SMALLEST = {
        0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 4, 1, 2, 0, 0x0b,
    };

    private final CompiledForms forms;

    EndiveEngine(CompiledForms forms) {
        this.forms = forms;
        EndiveWarmUp.run();
        PARSER.parse(() -> new ByteArrayInputStream(SMALLEST)); // the parser's classes, too, are loaded before a call waits for them
    }

    @Override
    public CompiledModule compile(ModuleHash hash, byte[] wasm) throws ModuleRejectedException, InterruptedException {
        return load(hash, forms.get(hash, wasm));
    }

    private static EndiveModule load(ModuleHash hash, CompiledForm form) throws ModuleRejectedException {
        try {
            var skeleton = form.skeleton();
            var module = PARSER.parse(() -> new ByteArrayInputStream(skeleton));
            ModuleRules.check(module);
            return new EndiveModule(hash, module, EndiveClasses.load(form), EndiveModule.cost(form));
        } catch (RuntimeException | ReflectiveOperationException | LinkageError | StackOverflowError e) {
            // the engine's own exceptions, and whatever else it stumbles over
            var reason = e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName();
            throw new ModuleRejectedException("the module is malformed or invalid: " + reason, e);
        }
    }
}
