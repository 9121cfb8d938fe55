package io.aerodb.functions.worker.wasm;

import org.junit.jupiter.api.Nested;

/** All rules, on the engine that compiles to JVM classes. */
class EndiveConformanceTest {

    @Nested
    class Abi extends AbiConformance {
        Abi() {
            super(Sandbox::new);
        }
    }

    @Nested
    class Services extends ServiceConformance {
        Services() {
            super(Sandbox::new);
        }
    }

    @Nested
    class Runs extends RunConformance {
        Runs() {
            super(Sandbox::new);
        }
    }

    @Nested
    class OutputAndLog extends OutputConformance {
        OutputAndLog() {
            super(Sandbox::new);
        }
    }

    @Nested
    class Memory extends MemoryConformance {
        Memory() {
            super(Sandbox::new);
        }
    }

    @Nested
    class Tables extends TableConformance {
        Tables() {
            super(Sandbox::new);
        }
    }

    @Nested
    class Stack extends StackConformance {
        Stack() {
            super(Sandbox::new);
        }
    }

    @Nested
    class Clock extends ClockConformance {
        Clock() {
            super(Sandbox::new);
        }
    }

    @Nested
    class Isolation extends IsolationConformance {
        Isolation() {
            super(Sandbox::new);
        }
    }

    @Nested
    class Modules extends ModuleConformance {
        Modules() {
            super(Sandbox::new);
        }
    }
}
