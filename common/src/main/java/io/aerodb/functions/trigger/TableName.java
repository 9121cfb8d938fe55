package io.aerodb.functions.trigger;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A table, by the names that PostgreSQL's catalog has for it: as they were created, without quotes.
 *
 * @param schema without a dot
 * @param table without a dot
 */
public record TableName(String schema, String table) {

    private static final int MAX_NAME_BYTES = 63;

    /** @param text {@code schema.table}, or a table of the schema {@code public}; empty if it is neither */
    public static Optional<TableName> parse(String text) {
        var dot = text.indexOf('.');
        var name = dot < 0 ? new TableName("public", text) : new TableName(text.substring(0, dot), text.substring(dot + 1));
        return isName(name.schema) && isName(name.table) ? Optional.of(name) : Optional.empty();
    }

    /** As it is written in SQL. */
    public String quoted() {
        return quoted(schema) + "." + quoted(table);
    }

    public static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static boolean isName(String name) {
        return !name.isBlank() && name.indexOf('.') < 0 && name.indexOf('\0') < 0 && name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES;
    }

    /** {@code schema.table}. */
    @Override
    public String toString() {
        return schema + "." + table;
    }
}
