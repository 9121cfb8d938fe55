package io.aerodb.functions.worker.wasm;

import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportValues;
import run.endive.wasm.WasmModule;

/** The host calls as the engine wants them, made once for all instances of a module. */
final class EndiveImports {

    private static final long[] NO_RESULT = {};

    private EndiveImports() {}

    /** Those that the module imports: linking compares each import with every function there is, at each run. */
    static ImportValues of(WasmModule module) {
        return ImportValues.builder()
                .addFunction(module.importSection().stream()
                        .map(wanted -> HostCalls.find(wanted.module(), wanted.name()).orElseThrow())
                        .distinct()
                        .map(EndiveImports::function)
                        .toArray(ImportFunction[]::new))
                .build();
    }

    private static HostFunction function(HostCall call) {
        return new HostFunction(call.module(), call.name(), call.type(), (instance, args) -> {
            var memory = (EndiveMemory) instance.memory();
            var result = call.call(memory.run(), memory, args);
            return call.hasResult() ? new long[] {result} : NO_RESULT;
        });
    }
}
