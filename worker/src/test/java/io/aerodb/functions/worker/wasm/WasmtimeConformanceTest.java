package io.aerodb.functions.worker.wasm;

import org.junit.jupiter.api.Nested;

/** All rules, on the engine that compiles to machine code. */
class WasmtimeConformanceTest {

    private static Sandbox sandbox(long budget) {
        return Guests.sandbox(SandboxEngine.WASMTIME, budget);
    }

    @Nested
    class Abi extends AbiConformance {
        Abi() {
            super(WasmtimeConformanceTest::sandbox);
        }
    }

    @Nested
    class Services extends ServiceConformance {
        Services() {
            super(WasmtimeConformanceTest::sandbox);
        }
    }

    @Nested
    class Runs extends RunConformance {
        Runs() {
            super(WasmtimeConformanceTest::sandbox);
        }
    }

    @Nested
    class OutputAndLog extends OutputConformance {
        OutputAndLog() {
            super(WasmtimeConformanceTest::sandbox);
        }
    }

    @Nested
    class Memory extends MemoryConformance {
        Memory() {
            super(WasmtimeConformanceTest::sandbox);
        }
    }

    @Nested
    class Tables extends TableConformance {
        Tables() {
            super(WasmtimeConformanceTest::sandbox);
        }
    }

    @Nested
    class Stack extends StackConformance {
        Stack() {
            super(WasmtimeConformanceTest::sandbox);
        }
    }

    @Nested
    class Clock extends ClockConformance {
        Clock() {
            super(WasmtimeConformanceTest::sandbox);
        }
    }

    @Nested
    class Isolation extends IsolationConformance {
        Isolation() {
            super(WasmtimeConformanceTest::sandbox);
        }
    }

    @Nested
    class Modules extends ModuleConformance {
        Modules() {
            super(WasmtimeConformanceTest::sandbox);
        }
    }
}
