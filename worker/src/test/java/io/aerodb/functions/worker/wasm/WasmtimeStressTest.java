package io.aerodb.functions.worker.wasm;

class WasmtimeStressTest extends StressConformance {

    WasmtimeStressTest() {
        super(budget -> Guests.sandbox(SandboxEngine.WASMTIME, budget));
    }
}
