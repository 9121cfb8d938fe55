package io.aerodb.functions.function;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.secret.SecretsCipher;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongPredicate;

/**
 * The versions of functions, and changes that come without a deployment. A version, that is a module with a configuration, never
 * changes: another configuration is another version, so that going back goes back to all that made a function run as it did. Only
 * whether a function is enabled stands beside its versions. Methods throw
 * {@link io.aerodb.functions.lifecycle.UnavailableException} while PostgreSQL is away.
 */
public final class FunctionVersions {

    private final Database database;
    private final SecretsCipher cipher;

    /** @param cipher encrypts the sensitive variables of new configurations */
    public FunctionVersions(Database database, SecretsCipher cipher) {
        this.database = database;
        this.cipher = cipher;
    }

    /**
     * Versions of a function, newest first.
     *
     * @param before only those with a lower number
     * @return empty if there is no such function, or none of its versions has a lower number
     */
    public List<FunctionVersion> list(FunctionName name, int before, int limit) {
        return database.run(connection -> {
            try (var select = connection.prepareStatement("""
                    SELECT v.version, v.module, octet_length(m.bytes) AS module_bytes, v.config, v.created_at, v.version = f.active_version AS is_active
                    FROM aerodb.functions f
                    JOIN aerodb.function_versions v ON v.function_id = f.id
                    JOIN aerodb.modules m ON m.hash = v.module
                    WHERE f.name = ? AND v.version < ? ORDER BY v.version DESC LIMIT ?""")) {
                select.setString(1, name.value());
                select.setInt(2, before);
                select.setInt(3, limit);
                var rows = select.executeQuery();
                var versions = new ArrayList<FunctionVersion>();
                while (rows.next()) {
                    versions.add(new FunctionVersion(
                            rows.getInt("version"),
                            new ModuleHash(rows.getString("module")),
                            rows.getInt("module_bytes"),
                            FunctionConfigJson.read(rows.getString("config")),
                            rows.getObject("created_at", OffsetDateTime.class).toInstant(),
                            rows.getBoolean("is_active")));
                }
                return versions;
            }
        });
    }

    /**
     * Makes a version the active one, with its module and its configuration; the function stays enabled or disabled.
     *
     * @param expected whether the function may be changed if this is its {@link DeployedFunction#revision}
     */
    public FunctionChange activate(FunctionName name, int version, LongPredicate expected) {
        return change(name, expected, (connection, function) -> {
            if (function.version() == version) {
                return new FunctionChange.Unchanged(function);
            }
            var config = config(connection, function.id(), version);
            if (config.isEmpty()) {
                return new FunctionChange.VersionMissing(version);
            }
            FunctionRows.activate(connection, name, function.id(), version, config.get().withEnabled(function.config().enabled()));
            return changed(connection, function);
        });
    }

    /** The configuration of a function that is going to change, and what is going to become of it. */
    public record Plan(FunctionConfig before, FunctionConfig after) {

        public boolean changesTriggers() {
            return !before.triggers().equals(after.triggers());
        }
    }

    /** What would come of {@link #activate}; empty if there is no such function or version. */
    public Optional<Plan> planned(FunctionName name, int version) {
        return database.run(connection -> {
            var function = FunctionRows.find(connection, name);
            return function.isEmpty()
                    ? Optional.<Plan>empty()
                    : config(connection, function.get().id(), version).map(config -> new Plan(function.get().config(), config));
        });
    }

    /**
     * What would come of {@link #reconfigure}; empty if there is no such function.
     *
     * @throws InvalidFunctionException naming the member that is wrong
     */
    public Optional<Plan> planned(FunctionName name, ConfigPatch patch) {
        return database.run(connection -> FunctionRows.find(connection, name))
                .map(function -> new Plan(function.config(), patch.applyTo(function.config())));
    }

    /**
     * Changes the active configuration. That makes a new version with the same module, unless it only turns the function on or off.
     *
     * @param expected whether the function may be changed if this is its {@link DeployedFunction#revision}
     * @throws InvalidFunctionException naming the member that is wrong, or with code {@code secrets_not_configured} if there is something
     *     to encrypt and no key
     */
    public FunctionChange reconfigure(FunctionName name, ConfigPatch patch, LongPredicate expected) {
        return change(name, expected, (connection, function) -> {
            var before = function.config();
            var wanted = new ConfigSealing(cipher, function.id()).seal(patch.applyTo(before), before);
            if (wanted.equals(before)) {
                return new FunctionChange.Unchanged(function);
            }
            store(connection, function, function.module(), wanted);
            return changed(connection, function);
        });
    }

    /** Makes a module with a configuration active: as a new version, or as the present one if that differs in nothing that is a version's. */
    static void store(Connection connection, DeployedFunction function, ModuleHash module, FunctionConfig config) throws SQLException {
        var isSameVersion = function.module().equals(module) && config.withEnabled(function.config().enabled()).equals(function.config());
        var version = isSameVersion ? function.version() : insert(connection, function.id(), module, config);
        FunctionRows.activate(connection, function.name(), function.id(), version, config);
    }

    /** The caller holds the function's row, so that no number is given twice. @return the number of the new version */
    static int insert(Connection connection, UUID functionId, ModuleHash module, FunctionConfig config) throws SQLException {
        try (var insert = connection.prepareStatement("""
                INSERT INTO aerodb.function_versions (function_id, version, module, config)
                SELECT ?, coalesce(max(version), 0) + 1, ?, ?::jsonb FROM aerodb.function_versions WHERE function_id = ?
                RETURNING version""")) {
            insert.setObject(1, functionId);
            insert.setString(2, module.hex());
            insert.setString(3, FunctionConfigJson.write(config));
            insert.setObject(4, functionId);
            var rows = insert.executeQuery();
            rows.next();
            return rows.getInt(1);
        }
    }

    static Optional<FunctionConfig> config(Connection connection, UUID functionId, int version) throws SQLException {
        try (var select = connection.prepareStatement("SELECT config FROM aerodb.function_versions WHERE function_id = ? AND version = ?")) {
            select.setObject(1, functionId);
            select.setInt(2, version);
            var rows = select.executeQuery();
            return rows.next() ? Optional.of(FunctionConfigJson.read(rows.getString(1))) : Optional.empty();
        }
    }

    private interface Work {
        FunctionChange on(Connection connection, DeployedFunction function) throws SQLException;
    }

    /** Nobody else changes the function meanwhile. */
    private FunctionChange change(FunctionName name, LongPredicate expected, Work work) {
        return database.inTransaction(connection -> {
            if (FunctionRows.lock(connection, name).isEmpty()) {
                return new FunctionChange.FunctionMissing();
            }
            var function = FunctionRows.find(connection, name).orElseThrow();
            return expected.test(function.revision()) ? work.on(connection, function) : new FunctionChange.Outdated(function);
        });
    }

    private static FunctionChange changed(Connection connection, DeployedFunction before) throws SQLException {
        return new FunctionChange.Changed(before, FunctionRows.find(connection, before.name()).orElseThrow());
    }
}
