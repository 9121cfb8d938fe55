package io.aerodb.functions.worker.wasm;

import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportValues;

/** The host calls as the engine wants them, made once for all instances. */
final class EndiveImports {

    private static final long[] NO_RESULT = {};

    static final ImportValues ALL = ImportValues.builder()
            .addFunction(HostCalls.ALL.stream().map(EndiveImports::function).toArray(ImportFunction[]::new))
            .build();

    private EndiveImports() {}

    private static HostFunction function(HostCall call) {
        return new HostFunction(call.module(), call.name(), call.type(), (instance, args) -> {
            var memory = (EndiveMemory) instance.memory();
            var result = call.call(memory.run(), memory, args);
            return call.hasResult() ? new long[] {result} : NO_RESULT;
        });
    }
}
