package io.aerodb.functions.worker.database;

import io.aerodb.functions.worker.wasm.HostError;

/** No session can be had. */
final class PoolException extends Exception {

    private static final long serialVersionUID = 1L;

    private final HostError error;

    PoolException(HostError error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    HostError error() {
        return error;
    }
}
