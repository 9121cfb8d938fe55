package io.aerodb.functions.worker.wasm;

class EndiveStressTest extends StressConformance {

    EndiveStressTest() {
        super(budget -> new Sandbox(SandboxEngine.ENDIVE, budget));
    }
}
