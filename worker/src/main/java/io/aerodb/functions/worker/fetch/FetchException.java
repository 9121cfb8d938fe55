package io.aerodb.functions.worker.fetch;

import io.aerodb.functions.worker.wasm.HostError;

/** A fetch that ends without an answer; the message is for the guest. */
final class FetchException extends Exception {

    private static final long serialVersionUID = 1L;

    private final HostError error;

    FetchException(HostError error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    HostError error() {
        return error;
    }
}
