package io.aerodb.functions.worker.database;

import java.util.ArrayList;
import java.util.List;

/**
 * The answer to one statement, as it is being read. Rows are written as JSON as they come if all types are known; else they are
 * held as they came, within the same bound, until somebody says what the types are.
 */
final class ResultRows {

    private final int maxBytes;
    private final JsonOutput json;
    private final Columns columns;
    private List<JsonType> types = List.of();
    private final List<byte[]> held = new ArrayList<>();
    private int heldBytes;
    private int written;

    ResultRows(Columns columns, int maxBytes) {
        this.columns = columns;
        this.maxBytes = maxBytes;
        this.json = new JsonOutput(maxBytes);
        json.ascii("{\"columns\":[");
        for (var i = 0; i < columns.keys().size(); i++) {
            if (i > 0) {
                json.put(',');
            }
            json.raw(columns.keys().get(i), 0, columns.keys().get(i).length - 1);
        }
        json.ascii("],\"rows\":[");
    }

    Columns columns() {
        return columns;
    }

    boolean hasTypes() {
        return types.size() == columns.typeOids().size();
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
        for (var i = 0; i < types.size(); i++) {
            if (i > 0) {
                json.put(',');
            }
            json.raw(columns.keys().get(i));
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
