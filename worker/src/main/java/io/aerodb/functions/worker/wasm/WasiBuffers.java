package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.HostCall.unsigned;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The places in memory that one read or write is about: an array of pointers and lengths. They may overlap, and lie anywhere. */
final class WasiBuffers {

    /** As many as Linux takes. What follows is left for the guest's next call, as after any read or write that was cut short. */
    static final int MAX = 1024;

    private static final int ENTRY_BYTES = 8;

    private final ByteBuffer entries;

    private WasiBuffers(ByteBuffer entries) {
        this.entries = entries;
    }

    /**
     * @param pointer where the array is
     * @param count how many elements it has; both unsigned
     * @throws GuestAbort if any of those that count is outside of the memory
     */
    static WasiBuffers at(LinearMemory memory, long pointer, long count) {
        var bytes = memory.bytesAt(pointer, Math.min(count, MAX) * ENTRY_BYTES);
        return new WasiBuffers(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    int count() {
        return entries.capacity() / ENTRY_BYTES;
    }

    long pointer(int index) {
        return unsigned(entries.getInt(index * ENTRY_BYTES));
    }

    long length(int index) {
        return unsigned(entries.getInt(index * ENTRY_BYTES + Integer.BYTES));
    }
}
