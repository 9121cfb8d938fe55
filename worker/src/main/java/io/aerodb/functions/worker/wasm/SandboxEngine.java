package io.aerodb.functions.worker.wasm;

/** Which engine runs the functions. */
public enum SandboxEngine {
    /** Compiles to JVM classes: nothing native runs, and a run costs microseconds. */
    ENDIVE("endive") {
        @Override
        Engine start(CompiledForms forms) {
            return new EndiveEngine(forms);
        }
    },
    /** Compiles to machine code, in a wasmtime of 2023 whose flaws are known: for modules that are trusted. */
    WASMTIME("wasmtime") {
        @Override
        Engine start(CompiledForms forms) {
            return new WasmtimeEngine();
        }
    };

    private final String setting;

    SandboxEngine(String setting) {
        this.setting = setting;
    }

    /** @throws EngineUnavailableException if it cannot run here */
    abstract Engine start(CompiledForms forms);

    /** As it is configured. */
    @Override
    public String toString() {
        return setting;
    }
}
