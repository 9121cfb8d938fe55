package io.aerodb.functions.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.trigger.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A table whose rows can be read one batch after another, in the order of its primary key.
 *
 * @param partitioned whether its rows are in partitions
 * @param columns that changes tell, in their order: all but generated ones
 * @param key the columns of the primary key, in its order; empty without one
 * @param keySchemas where the operators are that compare the key's columns
 */
public record KeyedTable(TableName name, boolean partitioned, List<Column> columns, List<Column> key, Set<String> keySchemas) {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final String TABLE = """
            SELECT c.oid, c.relkind = 'p' AS partitioned FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')""";
    /** Only the columns of the key have a place, and an operator that says which of two values is the greater one. */
    private static final String COLUMNS = """
            SELECT a.attname, a.atttypid, a.atttypmod, a.attgenerated = '' AS told, tn.nspname AS type_schema, t.typname AS type_name,
                   k.place, k.operator_schema
            FROM pg_attribute a
            JOIN pg_type t ON t.oid = a.atttypid
            JOIN pg_namespace tn ON tn.oid = t.typnamespace
            LEFT JOIN (
                SELECT part.attnum, part.place, n.nspname AS operator_schema
                FROM pg_index i
                CROSS JOIN LATERAL unnest(i.indkey, i.indclass) WITH ORDINALITY AS part(attnum, opclass, place)
                JOIN pg_opclass o ON o.oid = part.opclass
                JOIN pg_am m ON m.oid = o.opcmethod AND m.amname = 'btree'
                JOIN pg_amop greater ON greater.amopfamily = o.opcfamily AND greater.amopstrategy = 5
                     AND greater.amoplefttype = o.opcintype AND greater.amoprighttype = o.opcintype
                JOIN pg_operator p ON p.oid = greater.amopopr
                JOIN pg_namespace n ON n.oid = p.oprnamespace
                WHERE i.indrelid = ?::oid AND i.indisprimary AND part.place <= i.indnkeyatts
            ) k ON k.attnum = a.attnum
            WHERE a.attrelid = ?::oid AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum""";

    /**
     * @param type its id in PostgreSQL's catalog
     * @param modifier what the type was declared with, such as its length; -1 for nothing
     * @param typeName as it is written in SQL, without the modifier
     */
    public record Column(String name, long type, int modifier, String typeName) {

        String quoted() {
            return TableName.quoted(name);
        }
    }

    public KeyedTable {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
        keySchemas = Set.copyOf(keySchemas);
    }

    /** Empty if there is no such table. */
    public static Optional<KeyedTable> find(Connection connection, TableName name) throws SQLException {
        try (var select = connection.prepareStatement(TABLE)) {
            select.setString(1, name.schema());
            select.setString(2, name.table());
            var rows = select.executeQuery();
            return rows.next() ? Optional.of(read(connection, name, rows.getLong(1), rows.getBoolean(2))) : Optional.empty();
        }
    }

    private static KeyedTable read(Connection connection, TableName name, long oid, boolean partitioned) throws SQLException {
        var columns = new ArrayList<Column>();
        var key = new TreeMap<Integer, Column>();
        var schemas = new LinkedHashSet<String>();
        try (var select = connection.prepareStatement(COLUMNS)) {
            select.setLong(1, oid);
            select.setLong(2, oid);
            var rows = select.executeQuery();
            while (rows.next()) {
                var column = new Column(rows.getString("attname"), rows.getLong("atttypid"), rows.getInt("atttypmod"),
                        TableName.quoted(rows.getString("type_schema")) + "." + TableName.quoted(rows.getString("type_name")));
                if (rows.getBoolean("told")) {
                    columns.add(column);
                }
                var place = rows.getInt("place");
                if (!rows.wasNull()) {
                    key.put(place, column);
                    schemas.add(rows.getString("operator_schema"));
                }
            }
        }
        return new KeyedTable(name, partitioned, columns, List.copyOf(key.values()), schemas);
    }

    public boolean hasKey() {
        return !key.isEmpty();
    }

    /** About how many rows it has, as PostgreSQL's planner takes it. */
    public long estimatedRows(Connection connection) throws SQLException {
        try (var statement = connection.createStatement(); var rows = statement.executeQuery("EXPLAIN (FORMAT JSON) SELECT FROM " + from())) {
            rows.next();
            return MAPPER.readTree(rows.getString(1)).path(0).path("Plan").path("Plan Rows").asLong();
        } catch (JsonProcessingException e) {
            throw new SQLException("PostgreSQL's plan is no JSON", e);
        }
    }

    /**
     * The query for the next rows, each with the lower 32 bits of the transaction that wrote it, its columns, and its key.
     *
     * @param isFirst without a key after which to go on; else its values are the first parameters, each as PostgreSQL writes it
     * @return the last parameter is how many rows
     */
    public String query(boolean isFirst) {
        var order = key.stream().map(Column::quoted).collect(Collectors.joining(", "));
        var after = key.stream().map(column -> "?::" + column.typeName()).collect(Collectors.joining(", "));
        return "SELECT xmin::text::bigint, " + Stream.concat(columns.stream(), key.stream()).map(Column::quoted).collect(Collectors.joining(", "))
                + " FROM " + from()
                + (isFirst ? "" : " WHERE (" + order + ") > (" + after + ")")
                + " ORDER BY " + order + " LIMIT ?";
    }

    /** The setting under which {@link #query} compares keys as their index does. */
    public String searchPath() {
        return Stream.concat(Stream.of("pg_catalog"), keySchemas.stream().sorted()).distinct().map(TableName::quoted).collect(Collectors.joining(", "));
    }

    /** Rows of tables that inherit from an ordinary one are not its own. */
    private String from() {
        return (partitioned ? "" : "ONLY ") + name.quoted();
    }
}
