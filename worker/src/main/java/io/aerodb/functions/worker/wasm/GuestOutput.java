package io.aerodb.functions.worker.wasm;

import java.io.ByteArrayOutputStream;

/** What a function has written, up to a limit. */
final class GuestOutput {

    static final int MAX_BYTES = 6 * 1024 * 1024;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream(256);

    int room() {
        return MAX_BYTES - written.size();
    }

    void append(byte[] bytes) {
        written.writeBytes(bytes);
    }

    byte[] bytes() {
        return written.toByteArray();
    }
}
