package io.aerodb.functions.worker.wasm;

class EndiveStressTest extends StressConformance {

    EndiveStressTest() {
        super(Guests::sandbox);
    }
}
