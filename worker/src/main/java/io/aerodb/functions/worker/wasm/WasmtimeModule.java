package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.function.ModuleHash;
import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.FuncType;
import io.github.kawamuray.wasmtime.Module;
import java.lang.ref.Reference;
import run.endive.wasm.WasmModule;

/** A module as machine code, which is freed when this is garbage. */
final class WasmtimeModule extends CompiledModule {

    private final WasmtimeCalls calls;
    private final FuncType callType;
    private final int tableElements;
    private final Engine engine;
    private final WasmtimeClock clock;
    private final Module code;

    /**
     * @param code what became of the module when it was rewritten
     * @param cost about how many bytes of native memory that takes
     */
    WasmtimeModule(ModuleHash hash, WasmModule module, WasmtimeCalls calls, Engine engine, WasmtimeClock clock, Module code, long cost) {
        super(hash, module.memorySection().orElseThrow().getMemory(0).limits(), cost);
        this.calls = calls;
        this.callType = calls.type();
        this.tableElements = elements(module);
        this.engine = engine;
        this.clock = clock;
        this.code = code;
    }

    @Override
    int run(GuestRun run) {
        try (var guest = new WasmtimeGuest(engine, calls, run, memory().initialPages(), tableElements)) {
            return guest.run(code, callType, clock);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private static int elements(WasmModule module) {
        var elements = 0L;
        for (var i = 0; i < module.tableSection().tableCount(); i++) {
            elements += module.tableSection().getTable(i).limits().min();
        }
        return Math.toIntExact(elements);
    }
}
