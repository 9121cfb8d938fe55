package io.aerodb.functions.worker.wasm;

/**
 * Walks over the bytes of a module that a parser has accepted already, so its numbers fit and its names are text. Where the bytes end
 * all the same, an {@link IndexOutOfBoundsException} tells it.
 */
final class WasmCursor {

    private final byte[] bytes;
    private int position;

    WasmCursor(byte[] bytes, int position) {
        this.bytes = bytes;
        this.position = position;
    }

    int position() {
        return position;
    }

    int u8() {
        return bytes[position++] & 0xff;
    }

    /** An unsigned LEB128 number of at most 32 bits. */
    long u32() {
        var value = 0L;
        for (var shift = 0; ; shift += 7) {
            var next = u8();
            value |= (next & 0x7fL) << shift;
            if (next < 0x80) {
                return value;
            }
        }
    }

    int count() {
        return Math.toIntExact(u32());
    }

    /** Over a LEB128 number of any kind. */
    void skipNumber() {
        while (u8() >= 0x80) {
            // all but the last byte have the highest bit set
        }
    }

    void skip(int length) {
        position = Math.addExact(position, length);
    }

    /** What has been walked over since then. */
    void copy(int start, WasmBuffer target) {
        target.put(bytes, start, position);
    }
}
