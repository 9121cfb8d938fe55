package io.aerodb.functions.worker.wasm;

import java.io.ByteArrayOutputStream;

/** What a function has written, up to a limit. */
final class GuestOutput {

    static final int MAX_BYTES = 6 * 1024 * 1024;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream(256);

    /** @throws GuestAbort if it is more than there is room for */
    void append(LinearMemory memory, long pointer, long length) {
        if (length > MAX_BYTES - written.size()) {
            throw new GuestAbort("the function wrote more than " + MAX_BYTES + " bytes of output");
        }
        written.writeBytes(memory.bytesAt(pointer, length));
    }

    byte[] bytes() {
        return written.toByteArray();
    }
}
