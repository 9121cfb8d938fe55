package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.function.ModuleHash;
import io.github.kawamuray.wasmtime.Config;
import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import io.github.kawamuray.wasmtime.WasmtimeException;
import java.lang.ref.Cleaner;

/** Compiles WebAssembly to machine code, by wasmtime 7.0.1. */
final class WasmtimeEngine implements io.aerodb.functions.worker.wasm.Engine {

    /**
     * A guest's stack is a part of its thread's. What is left of that, 768 KiB, is for the host: a Java method that runs out of stack
     * below native code would end the process.
     */
    static final int GUEST_STACK_BYTES = GuestThreads.GUEST_STACK_BYTES / 2;

    // native memory, rounded up: 37 KiB were measured for the smallest module; code takes several times its module's size
    private static final long BASE_COST = 128 * 1024;
    private static final long CODE_COST = 8;

    private final Engine engine;
    private final WasmtimeClock clock;
    private final Cleaner cleaner = Cleaner.create();

    /** @throws EngineUnavailableException if the native library is not available here */
    WasmtimeEngine() {
        WasmtimeLibrary.load();
        try (var config = new Config()) {
            engine = new Engine(config.epochInterruption(true).maxWasmStack(GUEST_STACK_BYTES).wasmSimd(false).wasmThreads(false));
        }
        clock = new WasmtimeClock(another());
    }

    @Override
    public CompiledModule compile(ModuleHash hash, byte[] wasm) throws ModuleRejectedException {
        var module = ModuleParser.parse(wasm);
        // compiling locks the handle that it is done by, so it has one of its own
        try (var compiler = another()) {
            var calls = WasmtimeCalls.of(module);
            var rewritten = WasmtimeRewriter.rewrite(wasm, module, calls);
            var code = new Module(compiler, rewritten);
            var compiled = new WasmtimeModule(hash, module, calls, engine, clock, code, BASE_COST + CODE_COST * rewritten.length);
            cleaner.register(compiled, code::dispose);
            return compiled;
        } catch (WasmtimeException | IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
            throw ModuleRejectedException.invalid(e);
        }
    }

    @Override
    public void close() {
        clock.close();
        engine.dispose();
    }

    /** Another handle of the same engine. */
    private Engine another() {
        try (var store = new Store<Void>(null, engine)) {
            return store.engine();
        }
    }
}
