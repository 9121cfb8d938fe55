package io.aerodb.functions.worker.database;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.identity.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.postgresql.PGConnection;

/**
 * The migration of an application's database for functions: roles, revokes and the functions of the schema {@code auth}. It can be
 * run again at any time.
 */
public final class HardeningScript {

    private static final String RESOURCE = "harden.sql";
    private static final String INSTALL_KEY = """
            INSERT INTO aerodb_guest.claim_keys (kid, ipad, opad) VALUES (?, ?, ?)
            ON CONFLICT (kid) DO UPDATE SET ipad = excluded.ipad, opad = excluded.opad""";
    private static final String FORGET_OTHERS = "DELETE FROM aerodb_guest.claim_keys WHERE kid <> ALL (?)";

    private HardeningScript() {}

    /** The script's text, for {@code psql}. */
    public static String text() {
        try (var in = Objects.requireNonNull(HardeningScript.class.getResourceAsStream(RESOURCE))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The query that finds the functions which guests must not call: columns {@code function} and {@code signature}. */
    static String forbiddenFunctions() {
        var script = text();
        var start = script.indexOf("-- forbidden functions");
        return script.substring(script.indexOf('\n', start), script.indexOf("-- end of forbidden functions"));
    }

    /** @param admin to the application's database; as a superuser all of it takes effect, as its owner what an owner may do */
    public static void apply(Connection admin) throws SQLException {
        try (var statement = admin.createStatement()) {
            statement.execute(text());
        }
    }

    /** Sets the passwords of the login roles. Only their SCRAM verifiers are sent, so no log of the server shows a password. */
    public static void setPasswords(Connection admin, Map<Role, Secret> passwords) throws SQLException {
        for (var entry : passwords.entrySet()) {
            admin.unwrap(PGConnection.class)
                    .alterUserPassword(entry.getKey().claim(), entry.getValue().value().toCharArray(), "scram-sha-256");
        }
    }

    /** Makes the database know these keys besides those that it knows. */
    public static void addKeys(Connection admin, ClaimKeys keys) throws SQLException {
        try (var install = admin.prepareStatement(INSTALL_KEY)) {
            for (var key : keys.all()) {
                install.setString(1, key.id());
                install.setBytes(2, pad(key.bytes(), (byte) 0x36));
                install.setBytes(3, pad(key.bytes(), (byte) 0x5c));
                install.executeUpdate();
            }
        }
    }

    /** Makes the database know exactly these keys. To change keys, add the new one first, and come here when all workers sign with it. */
    public static void installKeys(Connection admin, ClaimKeys keys) throws SQLException {
        var atOnce = admin.getAutoCommit();
        admin.setAutoCommit(false);
        try (var forget = admin.prepareStatement(FORGET_OTHERS)) {
            addKeys(admin, keys);
            forget.setArray(1, admin.createArrayOf("text", keys.all().stream().map(ClaimKeys.ClaimKey::id).toArray()));
            forget.executeUpdate();
            admin.commit();
        } catch (SQLException e) {
            admin.rollback();
            throw e;
        } finally {
            admin.setAutoCommit(atOnce);
        }
    }

    private static byte[] pad(byte[] key, byte with) {
        var padded = Arrays.copyOf(key, ClaimKeys.BLOCK_BYTES);
        for (var i = 0; i < padded.length; i++) {
            padded[i] ^= with;
        }
        return padded;
    }
}
