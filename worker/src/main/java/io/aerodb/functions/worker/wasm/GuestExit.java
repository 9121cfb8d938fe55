package io.aerodb.functions.worker.wasm;

/** The guest ended itself, with a status. */
final class GuestExit extends GuestEnd {

    private static final long serialVersionUID = 1L;

    private final int status;

    GuestExit(int status) {
        super("the function exited with status " + status, null);
        this.status = status;
    }

    int status() {
        return status;
    }
}
