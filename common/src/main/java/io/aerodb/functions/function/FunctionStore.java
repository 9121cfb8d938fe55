package io.aerodb.functions.function;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.LargeValues;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.secret.SecretsKeys;
import io.aerodb.functions.trigger.TriggerStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The registry's tables: functions, their immutable versions, and modules by hash. Every change is announced on
 * {@link #CHANNEL} by the transaction that makes it. Methods throw
 * {@link io.aerodb.functions.lifecycle.UnavailableException} while PostgreSQL is away.
 */
public final class FunctionStore {

    /** The payload of a notification is the name of the function that changed. */
    public static final String CHANNEL = "aerodb_functions";

    private static final String SELECT = """
            SELECT f.id, f.name, f.active_version, v.module, octet_length(m.bytes) AS module_bytes, f.config, f.revision, f.created_at, f.updated_at,
                   (SELECT json_agg(json_build_object('key', s.key, 'key_id', s.key_id, 'sealed', encode(s.sealed, 'hex'),
                                                      'updated_at', s.updated_at) ORDER BY s.key)
                    FROM aerodb.function_secrets s WHERE s.function_id = f.id) AS secrets
            FROM aerodb.functions f
            JOIN aerodb.function_versions v ON v.function_id = f.id AND v.version = f.active_version
            JOIN aerodb.modules m ON m.hash = v.module
            """;

    /** A deletion must not remove the module that a deployment is about to refer to: they keep out of each other's way. */
    private static final String KEEP_MODULES = "SELECT pg_advisory_xact_lock_shared(hashtext('aerodb.modules'))";
    private static final String REMOVE_MODULES = "SELECT pg_advisory_xact_lock(hashtext('aerodb.modules'))";

    private final Database database;
    private final SecretsCipher cipher;

    /** @param cipher encrypts the sensitive variables of what is deployed */
    public FunctionStore(Database database, SecretsCipher cipher) {
        this.database = database;
        this.cipher = cipher;
    }

    /** For services that read: a deployment with sensitive variables is refused. */
    public FunctionStore(Database database) {
        this(database, new SecretsCipher(SecretsKeys.NONE));
    }

    /** What a deployment did. */
    public enum Change {
        CREATED,
        NEW_VERSION,
        UNCHANGED
    }

    public record Deployment(DeployedFunction function, Change change) {}

    /**
     * Makes a module the active version of a function. The same module and configuration again change nothing; two
     * deployments of one name at once become two versions, one after the other.
     *
     * @param artefact of the module, stored with it; null leaves what is stored
     * @param config null keeps the function's configuration, or takes the default for a new one; its sensitive variables are encrypted
     * @throws InvalidFunctionException with code {@code secrets_not_configured} if there are such and no key
     */
    public Deployment deploy(
            FunctionName name, byte[] module, ModuleHash hash, @Nullable ModuleArtefact artefact, @Nullable FunctionConfig config) {
        return database.inTransaction(connection -> {
            execute(connection, KEEP_MODULES);
            var created = insertOrLock(connection, name);
            var current = created ? Optional.<DeployedFunction>empty() : find(connection, name);
            var currentConfig = current.map(DeployedFunction::config).orElse(FunctionConfig.DEFAULT);
            var id = lock(connection, name).orElseThrow();
            var wanted = config == null ? currentConfig : new ConfigSealing(cipher, id).seal(config, currentConfig);
            if (current.isPresent() && current.get().module().equals(hash) && current.get().config().equals(wanted)) {
                insertArtefact(connection, hash, artefact);
                return new Deployment(current.get(), Change.UNCHANGED);
            }
            insertModule(connection, module, hash);
            insertArtefact(connection, hash, artefact);
            insertVersion(connection, name, hash, wanted);
            TriggerStore.replace(connection, id, wanted.triggers());
            announce(connection, name);
            var deployed = find(connection, name).orElseThrow();
            return new Deployment(deployed, created ? Change.CREATED : Change.NEW_VERSION);
        });
    }

    public Optional<DeployedFunction> find(FunctionName name) {
        return database.run(connection -> find(connection, name));
    }

    /**
     * Functions in the order of their names.
     *
     * @param after only names behind this one; empty for the start
     */
    public List<DeployedFunction> list(String after, int limit) {
        return database.run(connection -> {
            try (var select = connection.prepareStatement(SELECT + "WHERE f.name > ? ORDER BY f.name LIMIT ?")) {
                select.setString(1, after);
                select.setInt(2, limit);
                return functions(select.executeQuery());
            }
        });
    }

    /** Removes a function, its versions, and modules that no other version uses. @return whether it was there */
    public boolean delete(FunctionName name) {
        return database.inTransaction(connection -> {
            execute(connection, REMOVE_MODULES);
            try (var delete = connection.prepareStatement("DELETE FROM aerodb.functions WHERE name = ?")) {
                delete.setString(1, name.value());
                if (delete.executeUpdate() == 0) {
                    return false;
                }
            }
            execute(connection, """
                    DELETE FROM aerodb.modules m
                    WHERE NOT EXISTS (SELECT FROM aerodb.function_versions v WHERE v.module = m.hash)""");
            announce(connection, name);
            return true;
        });
    }

    /** The configuration that a version was deployed with; empty if the version is gone. */
    public Optional<FunctionConfig> config(VersionRef version) {
        return database.run(connection -> config(connection, version));
    }

    /** The same, in a transaction of the caller's. */
    public static Optional<FunctionConfig> config(Connection connection, VersionRef version) throws SQLException {
        try (var select = connection.prepareStatement("SELECT config FROM aerodb.function_versions WHERE function_id = ? AND version = ?")) {
            select.setObject(1, version.functionId());
            select.setInt(2, version.version());
            var rows = select.executeQuery();
            return rows.next() ? Optional.of(FunctionConfigJson.read(rows.getString(1))) : Optional.empty();
        }
    }

    /** A version of the function that has the name now, in a transaction of the caller's; empty if there is none such. */
    public static Optional<VersionRef> findVersion(Connection connection, FunctionName name, int version) throws SQLException {
        try (var select = connection.prepareStatement("""
                SELECT f.id, v.module FROM aerodb.functions f JOIN aerodb.function_versions v ON v.function_id = f.id
                WHERE f.name = ? AND v.version = ?""")) {
            select.setString(1, name.value());
            select.setInt(2, version);
            var rows = select.executeQuery();
            return rows.next()
                    ? Optional.of(new VersionRef(rows.getObject(1, UUID.class), name, version, new ModuleHash(rows.getString(2))))
                    : Optional.empty();
        }
    }

    /** A version of the function that has the name now; empty if there is none such. */
    public Optional<VersionRef> findVersion(FunctionName name, int version) {
        return database.run(connection -> findVersion(connection, name, version));
    }

    /** The bytes of a module; whoever runs them checks them against the hash. */
    public Optional<byte[]> module(ModuleHash hash) {
        return database.run(connection -> {
            try (var select = LargeValues.inBinary(connection.prepareStatement("SELECT bytes FROM aerodb.modules WHERE hash = ?"))) {
                select.setString(1, hash.hex());
                var rows = select.executeQuery();
                return rows.next() ? Optional.of(rows.getBytes(1)) : Optional.empty();
            }
        });
    }

    /**
     * Either makes the function's row, or locks the one that is there, so that deployments of one name wait for each other.
     *
     * @return whether the row is new
     */
    private static boolean insertOrLock(Connection connection, FunctionName name) throws SQLException {
        while (true) {
            if (insertFunction(connection, name)) {
                return true;
            }
            if (lock(connection, name).isPresent()) {
                return false;
            }
            // deleted in between: its name is free again
        }
    }

    /** Its version, and with that its configuration, follows in the same transaction. */
    private static boolean insertFunction(Connection connection, FunctionName name) throws SQLException {
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

    private static void insertModule(Connection connection, byte[] module, ModuleHash hash) throws SQLException {
        try (var insert = connection.prepareStatement("INSERT INTO aerodb.modules (hash, bytes) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING")) {
            insert.setString(1, hash.hex());
            insert.setBytes(2, module);
            insert.executeUpdate();
        }
    }

    private static void insertArtefact(Connection connection, ModuleHash hash, @Nullable ModuleArtefact artefact) throws SQLException {
        if (artefact != null) {
            ArtefactStore.put(connection, hash, artefact);
        }
    }

    private static void insertVersion(Connection connection, FunctionName name, ModuleHash hash, FunctionConfig config) throws SQLException {
        try (var insert = connection.prepareStatement("""
                WITH next AS (
                    SELECT f.id, coalesce(max(v.version), 0) + 1 AS version
                    FROM aerodb.functions f LEFT JOIN aerodb.function_versions v ON v.function_id = f.id
                    WHERE f.name = ? GROUP BY f.id
                ), inserted AS (
                    INSERT INTO aerodb.function_versions (function_id, version, module, config)
                    SELECT id, version, ?, ?::jsonb FROM next RETURNING function_id, version, config
                )
                UPDATE aerodb.functions f
                SET active_version = inserted.version, config = inserted.config, updated_at = now(),
                    revision = nextval('aerodb.function_revisions')
                FROM inserted WHERE f.id = inserted.function_id""")) {
            insert.setString(1, name.value());
            insert.setString(2, hash.hex());
            insert.setString(3, FunctionConfigJson.write(config));
            insert.executeUpdate();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static void announce(Connection connection, FunctionName name) throws SQLException {
        try (var notify = connection.prepareStatement("SELECT pg_notify(?, ?)")) {
            notify.setString(1, CHANNEL);
            notify.setString(2, name.value());
            notify.executeQuery();
        }
    }

    private static Optional<DeployedFunction> find(Connection connection, FunctionName name) throws SQLException {
        try (var select = connection.prepareStatement(SELECT + "WHERE f.name = ?")) {
            select.setString(1, name.value());
            return functions(select.executeQuery()).stream().findFirst();
        }
    }

    private static List<DeployedFunction> functions(ResultSet rows) throws SQLException {
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
