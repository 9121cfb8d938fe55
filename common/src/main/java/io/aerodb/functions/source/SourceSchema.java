package io.aerodb.functions.source;

import io.aerodb.functions.database.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;

/** What capturing needs in the application's database: the schema {@code aerodb_bridge}, its key and its functions, and the publication. */
final class SourceSchema {

    /** The application does not wait with us for this lock, which nobody else takes. */
    private static final String ONE_AT_A_TIME = "SET LOCAL lock_timeout = '5s'; SELECT pg_advisory_xact_lock(hashtext('aerodb_bridge.tables'))";
    private static final int HMAC_BLOCK_BYTES = 64;

    private final Database source;
    private final String script = script();
    /** The schema's comment, once this script has made it. */
    private final String version = "AeroDB Functions, trigger bridge: " + hash(script);

    SourceSchema(Database source) {
        this.source = source;
    }

    /** Waits until nobody else alters what is captured, up to the end of the transaction. */
    static void lock(Connection transaction) throws SQLException {
        execute(transaction, ONE_AT_A_TIME);
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Makes what is missing or of another version, and does no more than look where nothing is. */
    void ensure() {
        if (source.run(this::isComplete)) {
            return;
        }
        source.inTransaction(connection -> {
            lock(connection);
            if (!isCurrent(connection)) {
                execute(connection, script);
                execute(connection, "COMMENT ON SCHEMA aerodb_bridge IS '" + version + "'");
            }
            return makeKey(connection);
        });
    }

    /** Empty until it is made. */
    Optional<IdentityKey> key() {
        return source.run(connection -> {
            try (var statement = connection.createStatement(); var rows = statement.executeQuery("SELECT ipad, opad FROM aerodb_bridge.identity_key")) {
                return rows.next() ? Optional.of(new IdentityKey(rows.getBytes(1), rows.getBytes(2))) : Optional.empty();
            }
        });
    }

    private boolean isComplete(Connection connection) throws SQLException {
        if (!isCurrent(connection)) {
            return false;
        }
        try (var statement = connection.createStatement(); var rows = statement.executeQuery("SELECT 1 FROM aerodb_bridge.identity_key")) {
            return rows.next();
        }
    }

    private boolean isCurrent(Connection connection) throws SQLException {
        try (var select = connection.prepareStatement("""
                SELECT obj_description(to_regnamespace('aerodb_bridge'), 'pg_namespace') IS NOT DISTINCT FROM ?
                   AND to_regclass('aerodb_bridge.identity_key') IS NOT NULL
                   AND to_regprocedure('aerodb_bridge.tell_identity()') IS NOT NULL
                   AND to_regprocedure('aerodb_bridge.signed_claims(name)') IS NOT NULL
                   AND to_regprocedure('aerodb_bridge.is_trusted(name)') IS NOT NULL
                   AND EXISTS (SELECT FROM pg_publication WHERE pubname = 'aerodb_bridge')""")) {
            select.setString(1, version);
            var rows = select.executeQuery();
            return rows.next() && rows.getBoolean(1);
        }
    }

    private static int makeKey(Connection connection) throws SQLException {
        var key = new byte[HMAC_BLOCK_BYTES / 2];
        new SecureRandom().nextBytes(key);
        try (var insert = connection.prepareStatement("INSERT INTO aerodb_bridge.identity_key (ipad, opad) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
            insert.setBytes(1, IdentityKey.pad(key, (byte) 0x36));
            insert.setBytes(2, IdentityKey.pad(key, (byte) 0x5c));
            return insert.executeUpdate();
        }
    }

    private static String script() {
        try (var in = Objects.requireNonNull(SourceSchema.class.getResourceAsStream("source.sql"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
