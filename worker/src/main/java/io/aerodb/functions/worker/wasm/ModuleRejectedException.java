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

    /** For whatever a parser or compiler says of a module. */
    static ModuleRejectedException invalid(Throwable cause) {
        var reason = cause.getMessage() != null ? cause.getMessage() : cause.getClass().getSimpleName();
        return new ModuleRejectedException("the module is malformed or invalid: " + reason, cause);
    }
}
