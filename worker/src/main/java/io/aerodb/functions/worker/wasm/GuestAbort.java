package io.aerodb.functions.worker.wasm;

/**
 * Ends a run from inside a host call, for something the guest did; the message is the outcome's. It is not one of the engine's
 * exceptions, so that no guest code can catch it.
 */
final class GuestAbort extends RuntimeException {

    private static final long serialVersionUID = 1L;

    GuestAbort(String message) {
        super(message, null, false, false);
    }

    static GuestAbort trap(String what) {
        return new GuestAbort("the function trapped: " + what);
    }
}
