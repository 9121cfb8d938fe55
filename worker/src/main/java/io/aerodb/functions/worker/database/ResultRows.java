package io.aerodb.functions.worker.database;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * The answer to one statement, as it is being read. Rows are written as JSON as they come if all types are known; else they are
 * held as they came, within the same bound, until somebody says what the types are.
 */
final class ResultRows {

    private final int maxBytes;
    private final JsonOutput json;
    private final List<String> names;
    private final List<Integer> typeOids;
    private final List<byte[]> keys;
    private List<JsonType> types = List.of();
    private final List<byte[]> held = new ArrayList<>();
    private int heldBytes;
    private int written;

    private ResultRows(int maxBytes, List<String> names, List<Integer> typeOids) {
        this.maxBytes = maxBytes;
        this.names = names;
        this.typeOids = typeOids;
        this.keys = names.stream().map(JsonType::keyOf).toList();
        this.json = new JsonOutput(maxBytes);
        json.ascii("{\"columns\":[");
        for (var i = 0; i < keys.size(); i++) {
            if (i > 0) {
                json.put(',');
            }
            json.raw(keys.get(i), 0, keys.get(i).length - 1);
        }
        json.ascii("],\"rows\":[");
    }

    /** Of a statement that gives no rows. */
    static ResultRows none(int maxBytes) {
        return new ResultRows(maxBytes, List.of(), List.of());
    }

    /** @param description a RowDescription's body */
    static ResultRows described(byte[] description, int maxBytes) {
        var buffer = ByteBuffer.wrap(description);
        var count = buffer.getShort() & 0xFFFF;
        var names = new ArrayList<String>(count);
        var oids = new ArrayList<Integer>(count);
        for (var i = 0; i < count; i++) {
            var start = buffer.position();
            while (buffer.get() != 0) { }
            names.add(new String(description, start, buffer.position() - start - 1, StandardCharsets.UTF_8));
            oids.add(buffer.getInt(buffer.position() + 6));
            buffer.position(buffer.position() + 18);
        }
        return new ResultRows(maxBytes, names, oids);
    }

    List<Integer> typeOids() {
        return typeOids;
    }

    /** A row is an object, so every name can stand for one column only. */
    Optional<String> ambiguousName() {
        var seen = new HashSet<String>();
        return names.stream().filter(name -> !seen.add(name)).findFirst();
    }

    boolean hasTypes() {
        return types.size() == typeOids.size();
    }

    /** Says what the columns are, and writes what was held so far. */
    void types(List<JsonType> known) {
        types = known;
        held.forEach(this::write);
        held.clear();
    }

    /** @param row a DataRow's body */
    void add(byte[] row) {
        if (hasTypes()) {
            write(row);
            return;
        }
        heldBytes += row.length;
        if (heldBytes > maxBytes) {
            throw new AnswerTooLargeException(maxBytes);
        }
        held.add(row);
    }

    int count() {
        return written + held.size();
    }

    byte[] finish(long rowCount) {
        json.ascii("],\"rowCount\":").ascii(Long.toString(rowCount)).put('}');
        return json.toByteArray();
    }

    private void write(byte[] row) {
        if (written++ > 0) {
            json.put(',');
        }
        json.put('{');
        var at = 2;
        for (var i = 0; i < keys.size(); i++) {
            if (i > 0) {
                json.put(',');
            }
            json.raw(keys.get(i));
            var length = (row[at] & 0xFF) << 24 | (row[at + 1] & 0xFF) << 16 | (row[at + 2] & 0xFF) << 8 | row[at + 3] & 0xFF;
            at += 4;
            if (length < 0) {
                json.ascii("null");
            } else {
                types.get(i).write(row, at, at + length, json);
                at += length;
            }
        }
        json.put('}');
    }
}
