package io.aerodb.functions.worker.wasm;

import java.io.ByteArrayOutputStream;
import java.util.function.LongConsumer;

/** What a function has written, up to a limit. */
final class GuestOutput {

    static final int MAX_BYTES = 6 * 1024 * 1024;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream(256);
    private final LongConsumer beforeGrowth;

    /** @param beforeGrowth is told how many bytes it will have, and may throw */
    GuestOutput(LongConsumer beforeGrowth) {
        this.beforeGrowth = beforeGrowth;
    }

    /** @throws GuestAbort if it is more than there is room for */
    void append(LinearMemory memory, long pointer, long length) {
        if (length > MAX_BYTES - written.size()) {
            throw new GuestAbort("the function wrote more than " + MAX_BYTES + " bytes of output");
        }
        beforeGrowth.accept(written.size() + length);
        written.writeBytes(memory.bytesAt(pointer, length));
    }

    int size() {
        return written.size();
    }

    byte[] bytes() {
        return written.toByteArray();
    }
}
