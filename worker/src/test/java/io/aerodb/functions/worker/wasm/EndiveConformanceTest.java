package io.aerodb.functions.worker.wasm;

import org.junit.jupiter.api.Nested;

/** All rules, on the engine that compiles to JVM classes. */
class EndiveConformanceTest {

    @Nested
    class Abi extends AbiConformance {
        Abi() {
            super(Guests::sandbox);
        }
    }

    @Nested
    class Services extends ServiceConformance {
        Services() {
            super(Guests::sandbox);
        }
    }

    @Nested
    class Runs extends RunConformance {
        Runs() {
            super(Guests::sandbox);
        }
    }

    @Nested
    class OutputAndLog extends OutputConformance {
        OutputAndLog() {
            super(Guests::sandbox);
        }
    }

    @Nested
    class Memory extends MemoryConformance {
        Memory() {
            super(Guests::sandbox);
        }
    }

    @Nested
    class Tables extends TableConformance {
        Tables() {
            super(Guests::sandbox);
        }
    }

    @Nested
    class Stack extends StackConformance {
        Stack() {
            super(Guests::sandbox);
        }
    }

    @Nested
    class Clock extends ClockConformance {
        Clock() {
            super(Guests::sandbox);
        }
    }

    @Nested
    class Isolation extends IsolationConformance {
        Isolation() {
            super(Guests::sandbox);
        }
    }

    @Nested
    class Modules extends ModuleConformance {
        Modules() {
            super(Guests::sandbox);
        }
    }
}
