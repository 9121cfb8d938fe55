package io.aerodb.functions.function;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.secret.SealedValue;
import io.aerodb.functions.secret.SecretsCipher;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings everything that is kept secret under the key that encrypts now: secrets, and the sensitive variables of all versions. One
 * transaction for each function; functions go on running meanwhile, as long as workers have the old key too.
 */
public final class SecretRotation {

    private static final Logger LOG = LoggerFactory.getLogger(SecretRotation.class);

    private static final String BEHIND = """
            SELECT f.name FROM aerodb.functions f
            WHERE EXISTS (SELECT FROM aerodb.function_secrets s WHERE s.function_id = f.id AND s.key_id <> ?)
               OR EXISTS (
                    SELECT FROM (SELECT f.config UNION ALL SELECT v.config FROM aerodb.function_versions v WHERE v.function_id = f.id) c
                    WHERE EXISTS (SELECT FROM jsonb_each(c.config -> 'sealed_env') e WHERE e.value ->> 'key_id' <> ?)
                       OR EXISTS (SELECT FROM jsonb_object_keys(c.config -> 'env') k WHERE k ~* ?))
            ORDER BY f.name""";

    private final Database database;
    private final SecretsCipher cipher;

    public SecretRotation(Database database, SecretsCipher cipher) {
        this.database = database;
        this.cipher = cipher;
    }

    /**
     * Returns when all is done that can be done with the keys that are configured; what cannot be decrypted stays as it is and is
     * logged.
     *
     * @throws io.aerodb.functions.lifecycle.UnavailableException while PostgreSQL is away
     */
    public void run() {
        var behind = behind();
        if (cipher.canSeal()) {
            behind.forEach(this::rotate);
        }
        var left = behind();
        if (left.size() < behind.size()) {
            LOG.atInfo().addKeyValue("functions", behind.size() - left.size()).addKeyValue("keyId", cipher.currentKeyId().orElseThrow())
                    .log("secrets were encrypted anew");
        }
        if (!left.isEmpty()) {
            LOG.atWarn().addKeyValue("functions", left.size()).addKeyValue("first", left.getFirst())
                    .log("functions have secrets that no configured key can decrypt; add the key to secrets.keys, or set them again");
        }
    }

    private List<FunctionName> behind() {
        var current = cipher.currentKeyId().orElse("");
        return database.run(connection -> {
            try (var select = connection.prepareStatement(BEHIND)) {
                select.setString(1, current);
                select.setString(2, current);
                select.setString(3, SensitiveKeys.PATTERN);
                var rows = select.executeQuery();
                var names = new ArrayList<FunctionName>();
                while (rows.next()) {
                    names.add(new FunctionName(rows.getString(1)));
                }
                return names;
            }
        });
    }

    private void rotate(FunctionName name) {
        database.inTransaction(connection -> {
            var id = FunctionRows.lock(connection, name);
            if (id.isPresent()) {
                rotateSecrets(connection, id.get());
                var sealing = new ConfigSealing(cipher, id.get());
                rotateConfigs(connection, id.get(), sealing, "SELECT 0, config FROM aerodb.functions WHERE id = ?",
                        "UPDATE aerodb.functions SET config = ?::jsonb WHERE id = ? AND 0 = ?");
                rotateConfigs(connection, id.get(), sealing, "SELECT version, config FROM aerodb.function_versions WHERE function_id = ?",
                        "UPDATE aerodb.function_versions SET config = ?::jsonb WHERE function_id = ? AND version = ?");
                SecretStore.touch(connection, name);
            }
            return id;
        });
    }

    private void rotateSecrets(Connection connection, UUID functionId) throws SQLException {
        try (var select = connection.prepareStatement(
                        "SELECT key, key_id, encode(sealed, 'hex') FROM aerodb.function_secrets WHERE function_id = ?");
                var update = connection.prepareStatement(
                        "UPDATE aerodb.function_secrets SET key_id = ?, sealed = decode(?, 'hex') WHERE function_id = ? AND key = ?")) {
            select.setObject(1, functionId);
            var rows = select.executeQuery();
            while (rows.next()) {
                var renewed = cipher.renewed(SecretStore.place(functionId, rows.getString(1)), new SealedValue(rows.getString(2), rows.getString(3)));
                update.setString(1, renewed.keyId());
                update.setString(2, renewed.hex());
                update.setObject(3, functionId);
                update.setString(4, rows.getString(1));
                update.executeUpdate();
            }
        }
    }

    private static void rotateConfigs(Connection connection, UUID functionId, ConfigSealing sealing, String selection, String change)
            throws SQLException {
        try (var select = connection.prepareStatement(selection); var update = connection.prepareStatement(change)) {
            select.setObject(1, functionId);
            var rows = select.executeQuery();
            while (rows.next()) {
                var resealed = sealing.resealed(FunctionConfigJson.read(rows.getString(2)));
                if (resealed.isPresent()) {
                    update.setString(1, FunctionConfigJson.write(resealed.get()));
                    update.setObject(2, functionId);
                    update.setInt(3, rows.getInt(1));
                    update.executeUpdate();
                }
            }
        }
    }
}
