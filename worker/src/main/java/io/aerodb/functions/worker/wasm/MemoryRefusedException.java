package io.aerodb.functions.worker.wasm;

/** A module's initial memory cannot be had; the message is the outcome's. */
final class MemoryRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    MemoryRefusedException(String message) {
        super(message, null, false, false);
    }
}
