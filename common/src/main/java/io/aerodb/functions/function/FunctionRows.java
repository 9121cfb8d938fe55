package io.aerodb.functions.function;

import io.aerodb.functions.trigger.TriggerStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** How rows of the table {@code functions} are read, locked and changed, in transactions of the caller's. */
final class FunctionRows {

    private static final String SELECT = """
            SELECT f.id, f.name, f.active_version, v.module, octet_length(m.bytes) AS module_bytes, f.config, f.revision, f.created_at, f.updated_at,
                   (SELECT json_agg(json_build_object('key', s.key, 'key_id', s.key_id, 'sealed', encode(s.sealed, 'hex'),
                                                      'updated_at', s.updated_at) ORDER BY s.key)
                    FROM aerodb.function_secrets s WHERE s.function_id = f.id) AS secrets
            FROM aerodb.functions f
            JOIN aerodb.function_versions v ON v.function_id = f.id AND v.version = f.active_version
            JOIN aerodb.modules m ON m.hash = v.module
            """;

    private FunctionRows() {}

    static Optional<DeployedFunction> find(Connection connection, FunctionName name) throws SQLException {
        try (var select = connection.prepareStatement(SELECT + "WHERE f.name = ?")) {
            select.setString(1, name.value());
            return read(select).stream().findFirst();
        }
    }

    /** In the order of their names. @param after only names behind this one; empty for the start */
    static List<DeployedFunction> list(Connection connection, String after, int limit) throws SQLException {
        try (var select = connection.prepareStatement(SELECT + "WHERE f.name > ? ORDER BY f.name LIMIT ?")) {
            select.setString(1, after);
            select.setInt(2, limit);
            return read(select);
        }
    }

    /**
     * Either makes the function's row, or locks the one that is there, so that deployments of one name wait for each other. The version
     * of a new row, and with that its configuration, follows in the same transaction.
     *
     * @return whether the row is new
     */
    static boolean insertOrLock(Connection connection, FunctionName name) throws SQLException {
        while (true) {
            if (insert(connection, name)) {
                return true;
            }
            if (lock(connection, name).isPresent()) {
                return false;
            }
            // deleted in between: its name is free again
        }
    }

    private static boolean insert(Connection connection, FunctionName name) throws SQLException {
        try (var insert = connection.prepareStatement("""
                INSERT INTO aerodb.functions (id, name, active_version, config) VALUES (?, ?, 0, '{}')
                ON CONFLICT (name) DO NOTHING""")) {
            insert.setObject(1, UUID.randomUUID());
            insert.setString(2, name.value());
            return insert.executeUpdate() == 1;
        }
    }

    /** Whoever changes a function holds its row until the end of the transaction. @return its id, empty if it is not there */
    static Optional<UUID> lock(Connection connection, FunctionName name) throws SQLException {
        try (var select = connection.prepareStatement("SELECT id FROM aerodb.functions WHERE name = ? FOR UPDATE")) {
            select.setString(1, name.value());
            var rows = select.executeQuery();
            return rows.next() ? Optional.of(rows.getObject(1, UUID.class)) : Optional.empty();
        }
    }

    /** Every change of what is active comes through here, and is announced. */
    static void activate(Connection connection, FunctionName name, UUID id, int version, FunctionConfig config) throws SQLException {
        try (var update = connection.prepareStatement("""
                UPDATE aerodb.functions
                SET active_version = ?, config = ?::jsonb, updated_at = now(), revision = nextval('aerodb.function_revisions')
                WHERE id = ?""")) {
            update.setInt(1, version);
            update.setString(2, FunctionConfigJson.write(config));
            update.setObject(3, id);
            update.executeUpdate();
        }
        TriggerStore.replace(connection, id, config.triggers());
        announce(connection, name);
    }

    /** Tells everybody who listens, once the transaction has committed. */
    static void announce(Connection connection, FunctionName name) throws SQLException {
        try (var notify = connection.prepareStatement("SELECT pg_notify(?, ?)")) {
            notify.setString(1, FunctionStore.CHANNEL);
            notify.setString(2, name.value());
            notify.executeQuery();
        }
    }

    private static List<DeployedFunction> read(PreparedStatement select) throws SQLException {
        ResultSet rows = select.executeQuery();
        var functions = new ArrayList<DeployedFunction>();
        while (rows.next()) {
            functions.add(new DeployedFunction(
                    rows.getObject("id", UUID.class),
                    new FunctionName(rows.getString("name")),
                    rows.getInt("active_version"),
                    new ModuleHash(rows.getString("module")),
                    rows.getInt("module_bytes"),
                    FunctionConfigJson.read(rows.getString("config")),
                    rows.getLong("revision"),
                    rows.getObject("created_at", OffsetDateTime.class).toInstant(),
                    rows.getObject("updated_at", OffsetDateTime.class).toInstant(),
                    FunctionSecret.list(rows.getString("secrets"))));
        }
        return functions;
    }
}
