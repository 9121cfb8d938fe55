package io.aerodb.functions.worker.wasm;

/** The guest called deeper than its stack is. */
final class GuestStackExhausted extends GuestEnd {

    private static final long serialVersionUID = 1L;

    GuestStackExhausted() {
        super("the function's call stack is exhausted", null);
    }
}
