package io.aerodb.functions.worker.wasm;

/** The guest's thread was interrupted, most likely at its deadline. */
final class GuestInterrupted extends GuestEnd {

    private static final long serialVersionUID = 1L;

    GuestInterrupted() {
        super("the function was interrupted", null);
    }
}
