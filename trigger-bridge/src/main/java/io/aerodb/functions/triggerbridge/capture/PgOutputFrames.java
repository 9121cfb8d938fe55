package io.aerodb.functions.triggerbridge.capture;

import io.aerodb.functions.source.KeyedTable;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Messages of PostgreSQL's logical replication protocol, version 1, for a stream of one table. */
final class PgOutputFrames {

    private static final int RELATION = 1;

    private PgOutputFrames() {}

    private interface Content {
        void writeTo(DataOutputStream out) throws IOException;
    }

    /** Of the transaction that all rows are in, of which nothing is told. */
    static byte[] begin() {
        return frame('B', out -> {
            out.writeLong(0); // where it ends
            out.writeLong(0); // when
            out.writeInt(0); // its id
        });
    }

    /** What the rows that follow are like. */
    static byte[] relation(KeyedTable table) {
        return frame('R', out -> {
            out.writeInt(RELATION);
            text(out, table.name().schema());
            text(out, table.name().table());
            out.writeByte('d');
            out.writeShort(table.columns().size());
            for (var column : table.columns()) {
                out.writeByte(0);
                text(out, column.name());
                out.writeInt((int) column.type());
                out.writeInt(column.modifier());
            }
        });
    }

    /** @param values in the order of the table's columns, as PostgreSQL writes them */
    static byte[] insert(List<@Nullable String> values) {
        return frame('I', out -> {
            out.writeInt(RELATION);
            out.writeByte('N');
            out.writeShort(values.size());
            for (var value : values) {
                if (value == null) {
                    out.writeByte('n');
                } else {
                    var bytes = value.getBytes(StandardCharsets.UTF_8);
                    out.writeByte('t');
                    out.writeInt(bytes.length);
                    out.write(bytes);
                }
            }
        });
    }

    private static byte[] frame(char type, Content content) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(type);
            content.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory cannot fail", e);
        }
        return bytes.toByteArray();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.writeByte(0);
    }
}
