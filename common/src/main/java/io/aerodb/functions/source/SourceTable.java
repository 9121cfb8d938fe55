package io.aerodb.functions.source;

import io.aerodb.functions.trigger.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A table as the catalog describes it.
 *
 * @param kind {@code r} for an ordinary one, {@code p} for a partitioned one; others cannot be watched
 * @param permanent whether its changes are logged
 * @param owned whether the role we are may alter it
 * @param partition whether it is part of another table, and its changes are told as those of that one if that one is captured
 * @param keyed whether it has a primary key
 * @param published whether its changes are captured
 * @param members the table itself, and all its partitions at whatever depth; those in other servers are left out
 */
record SourceTable(TableName name, char kind, boolean permanent, boolean owned, boolean partition, boolean keyed, boolean published,
        List<Member> members) {

    /**
     * A table that holds rows, or that they can be written through.
     *
     * @param identified whether its updates can be told with what it has: a primary key or a replica identity
     * @param tellsOldRows whether changes tell the whole row as it was before
     * @param tellsIdentity whether writes that name it tell the log who makes them
     */
    record Member(TableName name, boolean identified, boolean tellsOldRows, boolean tellsIdentity) {}

    private static final String TABLES = """
            SELECT n.nspname, c.relname, c.relkind, c.relpersistence = 'p' AS permanent, pg_has_role(c.relowner, 'USAGE') AS owned,
                   c.relispartition, EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) AS keyed,
                   EXISTS (SELECT FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
                           WHERE p.pubname = 'aerodb_bridge' AND r.prrelid = c.oid) AS published,
                   m.nspname AS member_schema, m.relname AS member, m.identified, m.relreplident = 'f' AS tells_old_rows, m.tells_identity
            FROM unnest(?::text[], ?::text[]) AS asked (schema, name)
            JOIN pg_namespace n ON n.nspname = asked.schema
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = asked.name
            LEFT JOIN LATERAL (
                SELECT mn.nspname, mc.relname, mc.relreplident,
                       mc.relkind = 'p' OR mc.relreplident IN ('f', 'i') OR mc.relreplident = 'd' AND EXISTS (
                           SELECT FROM pg_index i WHERE i.indrelid = mc.oid AND i.indisprimary) AS identified,
                       EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = mc.oid AND t.tgname = 'aerodb_tell_identity' AND t.tgenabled IN ('O', 'A')
                           AND t.tgfoid = to_regprocedure('aerodb_bridge.tell_identity()')) AS tells_identity
                FROM pg_class mc JOIN pg_namespace mn ON mn.oid = mc.relnamespace
                WHERE mc.relkind IN ('r', 'p') AND (mc.oid = c.oid OR c.relkind = 'p' AND mc.oid IN (SELECT relid FROM pg_partition_tree(c.oid)))
            ) m ON true
            ORDER BY n.nspname, c.relname, m.nspname, m.relname""";

    /** Those of these tables that there are. */
    static Map<TableName, SourceTable> find(Connection connection, Collection<TableName> names) throws SQLException {
        try (var select = connection.prepareStatement(TABLES)) {
            select.setArray(1, connection.createArrayOf("text", names.stream().map(TableName::schema).toArray()));
            select.setArray(2, connection.createArrayOf("text", names.stream().map(TableName::table).toArray()));
            var rows = select.executeQuery();
            var found = new LinkedHashMap<TableName, SourceTable>();
            while (rows.next()) {
                var name = new TableName(rows.getString("nspname"), rows.getString("relname"));
                var table = new SourceTable(name, rows.getString("relkind").charAt(0), rows.getBoolean("permanent"), rows.getBoolean("owned"),
                        rows.getBoolean("relispartition"), rows.getBoolean("keyed"), rows.getBoolean("published"), new ArrayList<>());
                var member = rows.getString("member");
                if (member != null) {
                    found.computeIfAbsent(name, _ -> table).members().add(new Member(new TableName(rows.getString("member_schema"), member),
                            rows.getBoolean("identified"), rows.getBoolean("tells_old_rows"), rows.getBoolean("tells_identity")));
                } else {
                    found.put(name, table);
                }
            }
            return found;
        }
    }

    /** Whether it is of a kind whose changes the log tells. */
    boolean isLogged() {
        return (kind == 'r' || kind == 'p') && permanent;
    }

    /** Whether partitions that it gets later have nothing that their updates and deletes can be told with, so that those fail. */
    boolean endangersPartitions() {
        return kind == 'p' && !keyed;
    }

    /** Whether its changes do not tell all that is needed of the rows before. @param oldRows whether whole rows are */
    boolean lacksOldRows(boolean oldRows) {
        return oldRows ? !members.stream().allMatch(Member::tellsOldRows) : !members.stream().allMatch(Member::identified);
    }

    /** Whether nothing has to be done to have its changes captured. */
    boolean isCaptured(boolean oldRows) {
        return published && !lacksOldRows(oldRows) && members.stream().allMatch(Member::tellsIdentity);
    }
}
