package io.aerodb.functions.trigger;

import io.aerodb.functions.invocation.TriggerType;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;

/** The tables {@code function_triggers}, with the triggers of every function's active configuration, and {@code schedules}. */
public final class TriggerStore {

    private TriggerStore() {}

    /** What the tables' changes run, of all functions. */
    public static List<DatabaseTrigger> databaseTriggers(Connection connection) throws SQLException {
        try (var select = connection.prepareStatement("SELECT definition FROM aerodb.function_triggers WHERE type = ?")) {
            select.setString(1, TriggerType.DATABASE.label());
            var rows = select.executeQuery();
            var triggers = new ArrayList<DatabaseTrigger>();
            while (rows.next()) {
                TriggerJson.read(rows.getString(1)).map(DatabaseTrigger.class::cast).ifPresent(triggers::add);
            }
            return triggers;
        }
    }

    /**
     * Makes these the triggers of a function: removes those that are gone, with their state, and adds the new ones; a new schedule fires
     * from now on. Belongs into every
     * transaction that changes the active configuration; the caller holds the function's row.
     */
    public static void replace(Connection connection, UUID functionId, List<Trigger> triggers) throws SQLException {
        var wanted = new LinkedHashMap<UUID, Trigger>();
        triggers.forEach(trigger -> wanted.put(trigger.id(functionId), trigger));
        try (var delete = connection.prepareStatement("DELETE FROM aerodb.function_triggers WHERE function_id = ? AND id <> ALL (?)")) {
            delete.setObject(1, functionId);
            delete.setArray(2, connection.createArrayOf("uuid", wanted.keySet().toArray()));
            delete.executeUpdate();
        }
        try (var insert = connection.prepareStatement("""
                INSERT INTO aerodb.function_triggers (id, function_id, type, definition) VALUES (?, ?, ?, ?::jsonb)
                ON CONFLICT (id) DO NOTHING""")) {
            for (var each : wanted.entrySet()) {
                insert.setObject(1, each.getKey());
                insert.setObject(2, functionId);
                insert.setString(3, each.getValue().type().label());
                insert.setString(4, TriggerJson.write(each.getValue()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
        try (var insert = connection.prepareStatement("""
                INSERT INTO aerodb.schedules (trigger_id) SELECT id FROM aerodb.function_triggers WHERE function_id = ? AND type = ?
                ON CONFLICT (trigger_id) DO NOTHING""")) {
            insert.setObject(1, functionId);
            insert.setString(2, TriggerType.SCHEDULE.label());
            insert.executeUpdate();
        }
    }
}
