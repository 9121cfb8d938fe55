package io.aerodb.functions.function;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.LargeValues;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.secret.SecretsKeys;
import io.aerodb.functions.trigger.TriggerStore;
import java.sql.Connection;
import java.sql.SQLException;
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
        /** The same version, but the function was turned on or off. */
        SWITCHED,
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
            if (FunctionRows.insertOrLock(connection, name)) {
                insertModule(connection, module, hash, artefact);
                insertFirstVersion(connection, name, hash, config == null ? FunctionConfig.DEFAULT : config);
                return new Deployment(FunctionRows.find(connection, name).orElseThrow(), Change.CREATED);
            }
            insertModule(connection, module, hash, artefact);
            var before = FunctionRows.find(connection, name).orElseThrow();
            var wanted = config == null ? before.config() : sealing(before.id()).seal(config, before.config());
            if (before.module().equals(hash) && before.config().equals(wanted)) {
                return new Deployment(before, Change.UNCHANGED);
            }
            FunctionVersions.store(connection, before, hash, wanted);
            var deployed = FunctionRows.find(connection, name).orElseThrow();
            return new Deployment(deployed, deployed.version() == before.version() ? Change.SWITCHED : Change.NEW_VERSION);
        });
    }

    private void insertFirstVersion(Connection connection, FunctionName name, ModuleHash hash, FunctionConfig config) throws SQLException {
        var id = FunctionRows.lock(connection, name).orElseThrow();
        var sealed = sealing(id).seal(config, FunctionConfig.DEFAULT);
        FunctionRows.activate(connection, name, id, FunctionVersions.insert(connection, id, hash, sealed), sealed);
    }

    private ConfigSealing sealing(UUID functionId) {
        return new ConfigSealing(cipher, functionId);
    }

    public Optional<DeployedFunction> find(FunctionName name) {
        return database.run(connection -> FunctionRows.find(connection, name));
    }

    /**
     * Functions in the order of their names.
     *
     * @param after only names behind this one; empty for the start
     */
    public List<DeployedFunction> list(String after, int limit) {
        return database.run(connection -> FunctionRows.list(connection, after, limit));
    }

    /**
     * Removes a function, its versions, and modules that no other version uses.
     *
     * @return whether it was there
     * @throws io.aerodb.functions.lifecycle.UnavailableException also if schedules of it are being fired for longer than 3 s
     */
    public boolean delete(FunctionName name) {
        return database.inTransaction(connection -> {
            execute(connection, REMOVE_MODULES);
            var id = FunctionRows.lock(connection, name);
            if (id.isEmpty()) {
                return false;
            }
            TriggerStore.replace(connection, id.get(), List.of()); // everybody who deploys waits for as long as that takes
            try (var delete = connection.prepareStatement("DELETE FROM aerodb.functions WHERE id = ?")) {
                delete.setObject(1, id.get());
                delete.executeUpdate();
            }
            execute(connection, """
                    DELETE FROM aerodb.modules m
                    WHERE NOT EXISTS (SELECT FROM aerodb.function_versions v WHERE v.module = m.hash)""");
            FunctionRows.announce(connection, name);
            return true;
        });
    }

    /** The configuration that a version was deployed with; empty if the version is gone. */
    public Optional<FunctionConfig> config(VersionRef version) {
        return database.run(connection -> config(connection, version));
    }

    /** The same, in a transaction of the caller's. */
    public static Optional<FunctionConfig> config(Connection connection, VersionRef version) throws SQLException {
        return FunctionVersions.config(connection, version.functionId(), version.version());
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

    private static void insertModule(Connection connection, byte[] module, ModuleHash hash, @Nullable ModuleArtefact artefact) throws SQLException {
        try (var insert = connection.prepareStatement("INSERT INTO aerodb.modules (hash, bytes) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING")) {
            insert.setString(1, hash.hex());
            insert.setBytes(2, module);
            insert.executeUpdate();
        }
        if (artefact != null) {
            ArtefactStore.put(connection, hash, artefact);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
