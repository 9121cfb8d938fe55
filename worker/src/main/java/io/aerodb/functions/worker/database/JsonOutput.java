package io.aerodb.functions.worker.database;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** JSON in the making, from text that is UTF-8 already. Refuses to grow beyond its limit. Not thread-safe. */
final class JsonOutput {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final int maxBytes;
    private byte[] bytes = new byte[512];
    private int length;

    JsonOutput(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    JsonOutput ascii(String text) {
        for (var i = 0; i < text.length(); i++) {
            put((byte) text.charAt(i));
        }
        return this;
    }

    void put(byte value) {
        room(1);
        bytes[length++] = value;
    }

    void put(char value) {
        put((byte) value);
    }

    /** Bytes that are JSON as they are. */
    void raw(byte[] source, int from, int to) {
        room(to - from);
        System.arraycopy(source, from, bytes, length, to - from);
        length += to - from;
    }

    void raw(byte[] source) {
        raw(source, 0, source.length);
    }

    void string(byte[] utf8) {
        string(utf8, 0, utf8.length);
    }

    /** Text as a JSON string, with its quotes. */
    void string(byte[] utf8, int from, int to) {
        put('"');
        var start = from;
        for (var i = from; i < to; i++) {
            var value = utf8[i];
            if (value == '"' || value == '\\' || value >= 0 && value < 0x20) {
                raw(utf8, start, i);
                escape(value);
                start = i + 1;
            }
        }
        raw(utf8, start, to);
        put('"');
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    private void escape(byte value) {
        switch (value) {
            case '"', '\\' -> {
                put('\\');
                put(value);
            }
            case '\n' -> ascii("\\n");
            case '\r' -> ascii("\\r");
            case '\t' -> ascii("\\t");
            default -> {
                ascii("\\u00");
                put(HEX[value >> 4]);
                put(HEX[value & 0xF]);
            }
        }
    }

    private void room(int more) {
        if (maxBytes - length < more) {
            throw new AnswerTooLargeException(maxBytes);
        }
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.clamp(bytes.length * 2L, length + more, Math.max(maxBytes, length + more)));
        }
    }
}
