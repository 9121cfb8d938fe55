package io.aerodb.functions.worker.wasm;

/** An engine cannot run on this machine; the message says why and what to do. */
public final class EngineUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    EngineUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    EngineUnavailableException(String message) {
        super(message);
    }
}
