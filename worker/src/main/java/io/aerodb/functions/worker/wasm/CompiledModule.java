package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.function.ModuleHash;
import java.util.OptionalInt;
import java.util.function.Function;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.ExternalType;
import run.endive.wasm.types.MemoryLimits;

/** A module compiled to JVM classes, which go when this goes; any number of threads may run it at the same time. */
public final class CompiledModule {

    private static final long[] NO_ARGUMENTS = {};

    private final ModuleHash hash;
    private final WasmModule module;
    private final Function<Instance, Machine> machines;
    private final MemoryLimits memory;
    private final OptionalInt initialize;
    private final int handler;

    /** @param module one that {@link ModuleRules} accepted */
    CompiledModule(ModuleHash hash, WasmModule module, Function<Instance, Machine> machines) {
        this.hash = hash;
        this.module = module;
        this.machines = machines;
        this.memory = module.memorySection().orElseThrow().getMemory(0).limits();
        this.initialize = exportedFunction(module, ModuleRules.INITIALIZE);
        this.handler = exportedFunction(module, ModuleRules.HANDLER).orElseThrow();
    }

    public ModuleHash hash() {
        return hash;
    }

    MemoryLimits memory() {
        return memory;
    }

    /** Runs a fresh instance of it from its start function to the end of its handler, and returns what that returned. */
    int call(GuestMemory fresh) {
        var instance = Instance.builder(module)
                .withImportValues(HostFunctions.ALL)
                .withMachineFactory(machines)
                .withMemoryFactory(_ -> fresh)
                .withTableFactory(new GuestTables())
                .withStart(false)
                .build();
        var machine = instance.getMachine();
        if (initialize.isPresent()) {
            machine.call(initialize.getAsInt(), NO_ARGUMENTS);
        }
        return (int) machine.call(handler, NO_ARGUMENTS)[0];
    }

    static OptionalInt exportedFunction(WasmModule module, String name) {
        var exports = module.exportSection();
        for (var i = 0; i < exports.exportCount(); i++) {
            var export = exports.getExport(i);
            if (export.name().equals(name) && export.exportType() == ExternalType.FUNCTION) {
                return OptionalInt.of(export.index());
            }
        }
        return OptionalInt.empty();
    }
}
