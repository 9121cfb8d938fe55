package io.aerodb.functions.worker.database.wire;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects messages that go to the server in one piece. Portals are always the unnamed one, all values travel as text.
 * Not thread-safe.
 */
public final class MessageWriter {

    private static final int KEPT_BYTES = 64 << 10;

    private byte[] bytes = new byte[1024];
    private int length;
    private int start;

    /** Prepares one statement; the server infers the types of its parameters. */
    public MessageWriter parse(String name, String sql) {
        begin('P');
        string(name);
        string(sql);
        int16(0);
        return end();
    }

    public MessageWriter bind(String statement) {
        return bind(statement, List.of());
    }

    /** @param values each as text in UTF-8, null for SQL's null */
    public MessageWriter bind(String statement, List<byte @Nullable []> values) {
        begin('B');
        string("");
        string(statement);
        int16(0);
        int16(values.size());
        for (var value : values) {
            if (value == null) {
                int32(-1);
            } else {
                int32(value.length);
                put(value);
            }
        }
        int16(0);
        return end();
    }

    /** Asks for the types of a statement's parameters and columns. */
    public MessageWriter describeStatement(String name) {
        return describe('S', name);
    }

    /** Asks for the columns of what was bound last. */
    public MessageWriter describePortal() {
        return describe('P', "");
    }

    private MessageWriter describe(char what, String name) {
        begin('D');
        int8(what);
        string(name);
        return end();
    }

    public MessageWriter closeStatement(String name) {
        begin('C');
        int8('S');
        string(name);
        return end();
    }

    /** Runs what was bound last. @param maxRows 0 for all */
    public MessageWriter execute(int maxRows) {
        begin('E');
        string("");
        int32(maxRows);
        return end();
    }

    /** Ends a group: after an error, the server passes over everything up to here. */
    public MessageWriter sync() {
        begin('S');
        return end();
    }

    /** A whole text of statements without parameters, which is a group of its own. */
    public MessageWriter query(String sql) {
        begin('Q');
        string(sql);
        return end();
    }

    MessageWriter startup(List<String> namesAndValues) {
        beginUntyped();
        int32(3 << 16);
        namesAndValues.forEach(this::string);
        int8(0);
        return end();
    }

    MessageWriter tlsRequest() {
        beginUntyped();
        int32(80877103);
        return end();
    }

    MessageWriter cancelRequest(int process, int secret) {
        beginUntyped();
        int32(80877102);
        int32(process);
        int32(secret);
        return end();
    }

    MessageWriter saslInitialResponse(String mechanism, String response) {
        var body = response.getBytes(StandardCharsets.UTF_8);
        begin('p');
        string(mechanism);
        int32(body.length);
        put(body);
        return end();
    }

    MessageWriter saslResponse(String response) {
        begin('p');
        put(response.getBytes(StandardCharsets.UTF_8));
        return end();
    }

    MessageWriter terminate() {
        begin('X');
        return end();
    }

    void sendTo(OutputStream out) throws IOException {
        try {
            out.write(bytes, 0, length);
            out.flush();
        } finally {
            length = 0;
            if (bytes.length > KEPT_BYTES) {
                bytes = new byte[1024];
            }
        }
    }

    private void begin(char type) {
        int8(type);
        beginUntyped();
    }

    private void beginUntyped() {
        start = length;
        int32(0);
    }

    private MessageWriter end() {
        var size = length - start;
        bytes[start] = (byte) (size >> 24);
        bytes[start + 1] = (byte) (size >> 16);
        bytes[start + 2] = (byte) (size >> 8);
        bytes[start + 3] = (byte) size;
        return this;
    }

    private void string(String text) {
        put(text.getBytes(StandardCharsets.UTF_8));
        int8(0);
    }

    private void int32(int value) {
        int16(value >> 16);
        int16(value);
    }

    private void int16(int value) {
        int8(value >> 8);
        int8(value);
    }

    private void int8(int value) {
        room(1);
        bytes[length++] = (byte) value;
    }

    private void put(byte[] source) {
        room(source.length);
        System.arraycopy(source, 0, bytes, length, source.length);
        length += source.length;
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
