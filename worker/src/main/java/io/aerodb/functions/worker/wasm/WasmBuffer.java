package io.aerodb.functions.worker.wasm;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the binary format's primitives. */
final class WasmBuffer {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Single bytes, given as numbers for their opcodes' sake. */
    WasmBuffer put(int... values) {
        for (var value : values) {
            bytes.write(value);
        }
        return this;
    }

    WasmBuffer put(byte[] source, int start, int end) {
        bytes.write(source, start, end - start);
        return this;
    }

    /** An unsigned LEB128 number. */
    WasmBuffer unsigned(long value) {
        var rest = value;
        while (rest >= 0x80) {
            bytes.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
        return this;
    }

    /** A signed LEB128 number. */
    WasmBuffer signed(long value) {
        var rest = value;
        while (rest < -0x40 || rest >= 0x40) {
            bytes.write((int) (rest & 0x7f | 0x80));
            rest >>= 7;
        }
        bytes.write((int) (rest & 0x7f));
        return this;
    }

    WasmBuffer name(String text) {
        var utf8 = text.getBytes(StandardCharsets.UTF_8);
        return unsigned(utf8.length).put(utf8, 0, utf8.length);
    }

    /** The other's bytes, preceded by their number. */
    WasmBuffer sized(WasmBuffer content) {
        unsigned(content.bytes.size());
        bytes.writeBytes(content.toBytes());
        return this;
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }
}
