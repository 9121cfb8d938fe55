package io.aerodb.functions.worker.wasm;

/** A module that no invocation can run; the message tells its author which rule it breaks. */
public final class ModuleRejectedException extends Exception {

    private static final long serialVersionUID = 1L;

    ModuleRejectedException(String message) {
        super(message);
    }

    ModuleRejectedException(String message, Throwable cause) {
        super(message, cause);
    }
}
