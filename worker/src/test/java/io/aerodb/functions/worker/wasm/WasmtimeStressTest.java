package io.aerodb.functions.worker.wasm;

class WasmtimeStressTest extends StressConformance {

    WasmtimeStressTest() {
        super(budget -> new Sandbox(SandboxEngine.WASMTIME, budget));
    }
}
