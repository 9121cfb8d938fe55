package io.aerodb.functions.worker.wasm;

/** The guest did something that ends its run: a trap, or more output than allowed. The message is the outcome's. */
final class GuestAbort extends GuestEnd {

    private static final long serialVersionUID = 1L;

    GuestAbort(String message) {
        super(message, null);
    }

    static GuestAbort trap(String what) {
        return new GuestAbort("the function trapped: " + what);
    }
}
