package io.aerodb.functions.worker.wasm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A guest's memory as its host calls see it, whichever engine runs the guest. Only bytes that are read or written have to lie inside
 * of it; how large the guest says its buffer is does not matter.
 */
interface LinearMemory {

    long sizeBytes();

    /** Of a range that is inside. */
    byte[] readBytes(int pointer, int length);

    /** Into a range that is inside. */
    void write(int pointer, byte[] source, int offset, int length);

    /**
     * What a host call was pointed at; both numbers unsigned.
     *
     * @throws GuestAbort if any of it is outside
     */
    default byte[] bytesAt(long pointer, long length) {
        requireInside(pointer, length);
        return readBytes((int) pointer, (int) length);
    }

    /**
     * Puts the first bytes of the source where a host call was pointed at.
     *
     * @throws GuestAbort if any of that is outside
     */
    default void putAt(long pointer, byte[] source, int length) {
        requireInside(pointer, length);
        write((int) pointer, source, 0, length);
    }

    /** @throws GuestAbort if any of the four bytes is outside */
    default void putI32(long pointer, int value) {
        putAt(pointer, ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array(), Integer.BYTES);
    }

    /** @throws GuestAbort if any of the eight bytes is outside */
    default void putI64(long pointer, long value) {
        putAt(pointer, ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array(), Long.BYTES);
    }

    /** @throws GuestAbort if any of it is outside */
    default void requireInside(long pointer, long length) {
        if (pointer + length > sizeBytes()) {
            throw GuestAbort.trap("a host call was pointed at " + length + " bytes at " + pointer
                    + ", outside of a memory of " + sizeBytes() + " bytes");
        }
    }
}
