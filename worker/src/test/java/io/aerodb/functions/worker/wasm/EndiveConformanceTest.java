package io.aerodb.functions.worker.wasm;

import org.junit.jupiter.api.Nested;

/** All rules, on the engine that compiles to JVM classes. */
class EndiveConformanceTest {

    @Nested
    class Abi extends AbiConformance {
        Abi() {
            super(budget -> new Sandbox(SandboxEngine.ENDIVE, budget));
        }
    }

    @Nested
    class Services extends ServiceConformance {
        Services() {
            super(budget -> new Sandbox(SandboxEngine.ENDIVE, budget));
        }
    }

    @Nested
    class Runs extends RunConformance {
        Runs() {
            super(budget -> new Sandbox(SandboxEngine.ENDIVE, budget));
        }
    }

    @Nested
    class OutputAndLog extends OutputConformance {
        OutputAndLog() {
            super(budget -> new Sandbox(SandboxEngine.ENDIVE, budget));
        }
    }

    @Nested
    class Memory extends MemoryConformance {
        Memory() {
            super(budget -> new Sandbox(SandboxEngine.ENDIVE, budget));
        }
    }

    @Nested
    class Tables extends TableConformance {
        Tables() {
            super(budget -> new Sandbox(SandboxEngine.ENDIVE, budget));
        }
    }

    @Nested
    class Stack extends StackConformance {
        Stack() {
            super(budget -> new Sandbox(SandboxEngine.ENDIVE, budget));
        }
    }

    @Nested
    class Clock extends ClockConformance {
        Clock() {
            super(budget -> new Sandbox(SandboxEngine.ENDIVE, budget));
        }
    }

    @Nested
    class Isolation extends IsolationConformance {
        Isolation() {
            super(budget -> new Sandbox(SandboxEngine.ENDIVE, budget));
        }
    }

    @Nested
    class Modules extends ModuleConformance {
        Modules() {
            super(budget -> new Sandbox(SandboxEngine.ENDIVE, budget));
        }
    }
}
