package io.aerodb.functions.worker.fetch;

/** A fetch that ends without an answer; the message is for the guest. */
final class FetchException extends Exception {

    private static final long serialVersionUID = 1L;

    private final FetchError error;

    FetchException(FetchError error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    FetchError error() {
        return error;
    }
}
