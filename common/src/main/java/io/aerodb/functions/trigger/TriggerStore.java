package io.aerodb.functions.trigger;

import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The tables {@code function_triggers}, with the triggers of every function's active configuration, and {@code schedules}. */
public final class TriggerStore {

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** From a schedule that is gone to a new one that has the same times: what is due or missed, and what was fired, are its own then. */
    private static final String HAND_OVER = """
            WITH times AS (
                SELECT t.id, t.id = ANY (wanted.ids) AS stays, s.trigger_id IS NULL AS is_new,
                    jsonb_build_array(t.definition -> 'cron', t.definition -> 'timezone', t.definition -> 'start', t.definition -> 'end') AS times
                FROM (SELECT ?::uuid AS function_id, ?::uuid[] AS ids) wanted
                JOIN aerodb.function_triggers t ON t.function_id = wanted.function_id AND t.type = 'schedule'
                LEFT JOIN aerodb.schedules s ON s.trigger_id = t.id),
            gone AS (SELECT id, times, row_number() OVER (PARTITION BY times ORDER BY id) AS nth FROM times WHERE NOT stays),
            came AS (SELECT id, times, row_number() OVER (PARTITION BY times ORDER BY id) AS nth FROM times WHERE stays AND is_new)
            UPDATE aerodb.schedules s SET trigger_id = came.id, due_at = now()
            FROM gone JOIN came USING (times, nth) WHERE s.trigger_id = gone.id""";

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
     * Makes these the triggers of a function: adds the new ones, and removes those that are gone, with their state. A schedule that is new
     * takes over the state of one that is gone if both have the same times; otherwise it fires from now on. Belongs into every
     * transaction that changes the active configuration; the caller holds the function's row.
     *
     * @throws UnavailableException if a scheduler has one that is gone in its hands for longer than 3 s
     */
    public static void replace(Connection connection, UUID functionId, List<Trigger> triggers) throws SQLException {
        var wanted = new LinkedHashMap<UUID, Trigger>();
        triggers.forEach(trigger -> wanted.put(trigger.id(functionId), trigger));
        insert(connection, functionId, wanted);
        removeOthers(connection, functionId, wanted.keySet().toArray());
        try (var insert = connection.prepareStatement("""
                INSERT INTO aerodb.schedules (trigger_id) SELECT id FROM aerodb.function_triggers WHERE function_id = ? AND type = 'schedule'
                ON CONFLICT (trigger_id) DO NOTHING""")) {
            insert.setObject(1, functionId);
            insert.executeUpdate();
        }
    }

    private static void insert(Connection connection, UUID functionId, Map<UUID, Trigger> triggers) throws SQLException {
        try (var insert = connection.prepareStatement("""
                INSERT INTO aerodb.function_triggers (id, function_id, type, definition) VALUES (?, ?, ?, ?::jsonb)
                ON CONFLICT (id) DO NOTHING""")) {
            for (var each : triggers.entrySet()) {
                insert.setObject(1, each.getKey());
                insert.setObject(2, functionId);
                insert.setString(3, each.getValue().type());
                insert.setString(4, TriggerJson.write(each.getValue()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** Waits for schedulers that have schedules among them in their hands. */
    private static void removeOthers(Connection connection, UUID functionId, Object[] wanted) throws SQLException {
        try (var patience = connection.createStatement();
                var hand = connection.prepareStatement(HAND_OVER);
                var delete = connection.prepareStatement("DELETE FROM aerodb.function_triggers WHERE function_id = ? AND id <> ALL (?)")) {
            patience.execute("SET LOCAL lock_timeout = '3s'");
            hand.setObject(1, functionId);
            hand.setArray(2, connection.createArrayOf("uuid", wanted));
            hand.executeUpdate();
            delete.setObject(1, functionId);
            delete.setArray(2, connection.createArrayOf("uuid", wanted));
            delete.executeUpdate();
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw new UnavailableException("schedules", "a schedule of the function is being fired, and that takes long; nothing was changed");
            }
            throw e;
        }
    }
}
