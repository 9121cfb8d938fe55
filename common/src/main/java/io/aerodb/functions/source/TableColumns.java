package io.aerodb.functions.source;

import io.aerodb.functions.trigger.RowCondition.ColumnType;
import io.aerodb.functions.trigger.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The columns of a table that its changes tell. */
final class TableColumns {

    private static final String COLUMNS = """
            SELECT a.attname,
                   CASE WHEN t.typname IN ('int2', 'int4', 'int8') THEN 'INTEGER'
                        WHEN t.typname IN ('numeric', 'float4', 'float8') THEN 'NUMBER'
                        WHEN t.typname = 'bool' THEN 'BOOLEAN'
                        WHEN t.typname IN ('json', 'jsonb') THEN 'DOCUMENT'
                        WHEN t.typcategory = 'A' THEN 'ARRAY'
                        ELSE 'TEXT' END AS kind
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid
            JOIN pg_type d ON d.oid = a.atttypid
            JOIN pg_type t ON t.oid = CASE WHEN d.typtype = 'd' THEN d.typbasetype ELSE d.oid END
            WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            ORDER BY a.attnum""";

    private TableColumns() {}

    /** By their names, in the table's order. */
    static Map<String, ColumnType> of(Connection connection, TableName table) throws SQLException {
        var columns = new LinkedHashMap<String, ColumnType>();
        try (var select = connection.prepareStatement(COLUMNS)) {
            select.setString(1, table.schema());
            select.setString(2, table.table());
            var rows = select.executeQuery();
            while (rows.next()) {
                columns.put(rows.getString(1), ColumnType.valueOf(rows.getString(2)));
            }
        }
        return columns;
    }
}
