package io.aerodb.functions.function;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.secret.SealedValue;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.secret.SecretsCipher.Place;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;

/**
 * Sets and removes secrets of functions. Every change is announced as one of the function, by the transaction that makes it. Methods
 * throw {@link io.aerodb.functions.lifecycle.UnavailableException} while PostgreSQL is away.
 */
public final class SecretStore {

    /** Of a value in UTF-8. */
    public static final int MAX_VALUE_BYTES = 8 * 1024;
    static final int MAX_SECRETS = 100;

    private final Database database;
    private final SecretsCipher cipher;

    public SecretStore(Database database, SecretsCipher cipher) {
        this.database = database;
        this.cipher = cipher;
    }

    /**
     * @param value 1 to {@link #MAX_VALUE_BYTES} bytes without NUL
     * @return whether there is such a function
     * @throws InvalidFunctionException if the key, the value or the number of secrets breaks a rule, or there is no key to encrypt it
     */
    public boolean put(FunctionName name, String key, String value) {
        check(key, value);
        return database.inTransaction(connection -> {
            var id = FunctionRows.lock(connection, name);
            if (id.isEmpty()) {
                return false;
            }
            if (others(connection, id.get(), key) >= MAX_SECRETS) {
                throw invalid("the function has " + MAX_SECRETS + " secrets, and may not have more");
            }
            upsert(connection, id.get(), key, cipher.seal(place(id.get(), key), value));
            touch(connection, name);
            return true;
        });
    }

    /** @return whether there was such a secret */
    public boolean delete(FunctionName name, String key) {
        if (!FunctionSecret.isKey(key)) {
            return false; // PostgreSQL could not even compare some of these
        }
        return database.inTransaction(connection -> {
            var id = FunctionRows.lock(connection, name);
            if (id.isEmpty() || !delete(connection, id.get(), key)) {
                return false;
            }
            touch(connection, name);
            return true;
        });
    }

    static Place place(UUID functionId, String key) {
        return new Place(Place.Kind.SECRET, functionId, key);
    }

    /** Makes everybody read the function anew. */
    static void touch(Connection connection, FunctionName name) throws SQLException {
        try (var update = connection.prepareStatement("UPDATE aerodb.functions SET revision = nextval('aerodb.function_revisions') WHERE name = ?")) {
            update.setString(1, name.value());
            update.executeUpdate();
        }
        FunctionRows.announce(connection, name);
    }

    private void check(String key, String value) {
        if (!FunctionSecret.isKey(key)) {
            throw invalid("a secret's key has 1 to 128 letters, digits and '_', and does not start with a digit");
        }
        if (value.isEmpty() || value.indexOf('\0') >= 0 || value.getBytes(StandardCharsets.UTF_8).length > MAX_VALUE_BYTES) {
            throw invalid("a secret's value is text of 1 to " + MAX_VALUE_BYTES + " bytes in UTF-8 without NUL");
        }
        if (!cipher.canSeal()) {
            throw InvalidFunctionException.secretsNotConfigured(key);
        }
    }

    private static int others(Connection connection, UUID functionId, String key) throws SQLException {
        try (var select = connection.prepareStatement("SELECT count(*) FROM aerodb.function_secrets WHERE function_id = ? AND key <> ?")) {
            select.setObject(1, functionId);
            select.setString(2, key);
            var rows = select.executeQuery();
            rows.next();
            return rows.getInt(1);
        }
    }

    private static void upsert(Connection connection, UUID functionId, String key, SealedValue value) throws SQLException {
        try (var upsert = connection.prepareStatement("""
                INSERT INTO aerodb.function_secrets (function_id, key, key_id, sealed) VALUES (?, ?, ?, decode(?, 'hex'))
                ON CONFLICT (function_id, key) DO UPDATE
                SET key_id = excluded.key_id, sealed = excluded.sealed, updated_at = now()""")) {
            upsert.setObject(1, functionId);
            upsert.setString(2, key);
            upsert.setString(3, value.keyId());
            upsert.setString(4, value.hex());
            upsert.executeUpdate();
        }
    }

    private static boolean delete(Connection connection, UUID functionId, String key) throws SQLException {
        try (var delete = connection.prepareStatement("DELETE FROM aerodb.function_secrets WHERE function_id = ? AND key = ?")) {
            delete.setObject(1, functionId);
            delete.setString(2, key);
            return delete.executeUpdate() == 1;
        }
    }

    private static InvalidFunctionException invalid(String message) {
        return new InvalidFunctionException("invalid_request", message);
    }
}
