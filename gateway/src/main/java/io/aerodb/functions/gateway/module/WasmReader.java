package io.aerodb.functions.gateway.module;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the binary format's primitives from a range of bytes. Never reads past the range and never allocates by a number that
 * the bytes claim; what does not fit is {@code invalid_wasm}.
 */
final class WasmReader {

    private static final int LONGEST_32 = 5;
    private static final int LONGEST_64 = 10;

    private final byte[] bytes;
    private final int end;
    private int position;

    WasmReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private WasmReader(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.position = start;
        this.end = end;
    }

    /** From the start of the module. */
    int position() {
        return position;
    }

    boolean hasMore() {
        return position < end;
    }

    void requireEnd(String what) {
        if (hasMore()) {
            throw Refusal.invalid("the " + what + " is longer than its content" + here());
        }
    }

    int u8() {
        requireRemaining(1);
        return bytes[position++] & 0xff;
    }

    /** An unsigned 32-bit LEB128 number. */
    long u32() {
        var value = 0L;
        for (var i = 0; i < LONGEST_32; i++) {
            var b = u8();
            value |= (long) (b & 0x7f) << (7 * i);
            if (b < 0x80) {
                if (value > 0xffff_ffffL) {
                    break;
                }
                return value;
            }
        }
        throw Refusal.invalid("a number does not fit into 32 bits" + here());
    }

    void skipS32() {
        skipLeb128(LONGEST_32);
    }

    void skipS64() {
        skipLeb128(LONGEST_64);
    }

    /** How many of something follow. */
    int count(int max, String what) {
        var count = u32();
        if (count > max) {
            throw Refusal.rejected("the module has " + count + " " + what + ", at most " + max + " are allowed");
        }
        return (int) count;
    }

    String name() {
        var length = u32();
        requireRemaining(length);
        var text = ByteBuffer.wrap(bytes, position, (int) length);
        position += (int) length;
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
        } catch (CharacterCodingException e) {
            throw Refusal.invalid("a name is not UTF-8" + here());
        }
    }

    void skip(long length) {
        requireRemaining(length);
        position += (int) length;
    }

    /** The next {@code length} bytes, which this reader passes over. */
    WasmReader slice(long length) {
        var start = position;
        skip(length);
        return new WasmReader(bytes, start, position);
    }

    /** Where the reader stands, for messages. */
    String here() {
        return " (at byte " + position + ")";
    }

    private void skipLeb128(int longest) {
        for (var i = 0; i < longest; i++) {
            if (u8() < 0x80) {
                return;
            }
        }
        throw Refusal.invalid("a number is too long" + here());
    }

    private void requireRemaining(long length) {
        if (length > end - position) {
            throw Refusal.invalid("the module is cut off, or a length in it is wrong" + here());
        }
    }
}
