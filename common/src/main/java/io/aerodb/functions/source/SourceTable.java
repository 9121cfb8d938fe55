package io.aerodb.functions.source;

import io.aerodb.functions.trigger.RowCondition.ColumnType;
import io.aerodb.functions.trigger.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A table as the catalog describes it.
 *
 * @param kind {@code r} for an ordinary one, {@code p} for a partitioned one; others cannot be watched
 * @param permanent whether its changes are logged
 * @param owned whether the role we are may alter it
 * @param identified whether its updates can be told with what it has: a primary key or a replica identity
 * @param tellsOldRows whether changes tell the whole row as it was before
 * @param columns that changes tell, by their names
 */
record SourceTable(
        TableName name, char kind, boolean permanent, boolean owned, boolean identified, boolean tellsOldRows, Map<String, ColumnType> columns) {

    private static final String TABLE = """
            SELECT c.oid, c.relkind, c.relpersistence = 'p' AS permanent, pg_has_role(c.relowner, 'USAGE') AS owned,
                   coalesce(bool_and(leaf.relreplident IN ('f', 'i') OR leaf.relreplident = 'd' AND EXISTS (
                       SELECT FROM pg_index i WHERE i.indrelid = leaf.oid AND i.indisprimary)), true) AS identified,
                   coalesce(bool_and(leaf.relreplident = 'f'), true) AS tells_old_rows
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN LATERAL (
                SELECT l.oid, l.relreplident FROM pg_class l
                WHERE c.relkind = 'r' AND l.oid = c.oid
                   OR c.relkind = 'p' AND l.oid IN (SELECT relid FROM pg_partition_tree(c.oid) WHERE isleaf)) leaf ON true
            WHERE n.nspname = ? AND c.relname = ?
            GROUP BY c.oid""";
    private static final String COLUMNS = """
            SELECT a.attname,
                   CASE WHEN t.typname IN ('int2', 'int4', 'int8') THEN 'INTEGER'
                        WHEN t.typname IN ('numeric', 'float4', 'float8') THEN 'NUMBER'
                        WHEN t.typname = 'bool' THEN 'BOOLEAN'
                        WHEN t.typname IN ('json', 'jsonb') THEN 'DOCUMENT'
                        WHEN t.typcategory = 'A' THEN 'ARRAY'
                        ELSE 'TEXT' END AS kind
            FROM pg_attribute a
            JOIN pg_type d ON d.oid = a.atttypid
            JOIN pg_type t ON t.oid = CASE WHEN d.typtype = 'd' THEN d.typbasetype ELSE d.oid END
            WHERE a.attrelid = ?::oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            ORDER BY a.attnum""";

    static Optional<SourceTable> find(Connection connection, TableName name) throws SQLException {
        try (var select = connection.prepareStatement(TABLE)) {
            select.setString(1, name.schema());
            select.setString(2, name.table());
            var rows = select.executeQuery();
            return rows.next()
                    ? Optional.of(new SourceTable(name, rows.getString("relkind").charAt(0), rows.getBoolean("permanent"), rows.getBoolean("owned"),
                            rows.getBoolean("identified"), rows.getBoolean("tells_old_rows"), columns(connection, rows.getLong("oid"))))
                    : Optional.empty();
        }
    }

    private static Map<String, ColumnType> columns(Connection connection, long table) throws SQLException {
        var columns = new LinkedHashMap<String, ColumnType>();
        try (var select = connection.prepareStatement(COLUMNS)) {
            select.setLong(1, table);
            var rows = select.executeQuery();
            while (rows.next()) {
                columns.put(rows.getString(1), ColumnType.valueOf(rows.getString(2)));
            }
        }
        return columns;
    }
}
