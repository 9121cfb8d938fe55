package io.aerodb.functions.worker.database;

import static io.aerodb.functions.worker.database.GuestTestDatabase.ALICE;
import static io.aerodb.functions.worker.database.GuestTestDatabase.BOB;
import static io.aerodb.functions.worker.database.GuestTestDatabase.PLENTY;
import static io.aerodb.functions.worker.database.GuestTestDatabase.json;
import static io.aerodb.functions.worker.database.GuestTestDatabase.text;
import static io.aerodb.functions.worker.database.GuestTestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.worker.database.wire.PostgresConnection;
import io.aerodb.functions.worker.database.wire.ServerErrorException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What claims that a worker has signed are good for, in the hands of somebody who has got hold of them and may send anything over
 * a guest's connection: neither the gate nor the revoke of {@code set_config} is in the way here.
 */
class ClaimsIT {

    private static GuestTestDatabase database;
    private static ClaimsSigner signer;
    private PostgresConnection connection;

    @BeforeAll
    static void prepare() {
        database = GuestTestDatabase.shared(1);
        database.asAdmin("GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO authenticated");
        signer = new ClaimsSigner(database.settings().claimKeys());
    }

    @BeforeEach
    void connect() throws IOException {
        connection = connected();
    }

    @AfterEach
    void close() {
        connection.close();
    }

    @Test
    void countForTheTransactionThatTheyWereSignedFor() throws IOException {
        enter(connection, signedForBob(connection));
        assertEquals(BOB, subject(connection));
        assertEquals("50", value(connection, "SELECT count(*) FROM notes"));
        connection.query("COMMIT");
        assertNull(subject(connection));
        assertEquals("0", value(connection, "SELECT count(*) FROM notes"));
    }

    @Test
    void areVoidOnceTheNextChallengeIsDrawn() throws IOException {
        var replayed = signedForBob(connection);
        enter(connection, replayed);
        connection.query("COMMIT");
        value(connection, "SELECT auth.challenge()");
        enter(connection, replayed);
        assertNull(subject(connection));
        assertEquals("0", value(connection, "SELECT count(*) FROM notes"));
        connection.query("COMMIT");
        value(connection, "SELECT set_config('aerodb.ctx', '" + replayed + "', false)");
        assertNull(subject(connection));
    }

    @Test
    void areVoidInAnotherSession() throws IOException {
        var foreign = signedForBob(connection);
        try (var other = connected()) {
            enter(other, foreign);
            assertEquals("55000", refusal(other, "SELECT auth.jwt()"));
            other.query("ROLLBACK");
            value(other, "SELECT auth.challenge()");
            enter(other, foreign);
            assertNull(subject(other));
            assertEquals("0", value(other, "SELECT count(*) FROM notes"));
        }
    }

    @Test
    void areVoidWhenTheSessionHasForgottenItsChallenge() throws IOException {
        var context = signedForBob(connection);
        connection.query("DISCARD SEQUENCES");
        enter(connection, context);
        assertEquals("55000", refusal(connection, "SELECT auth.jwt()"));
    }

    @Test
    void cannotBeChanged() throws IOException {
        var context = signedForBob(connection);
        for (var wrong : new String[] {context + "0", context.replaceFirst("\\..", "."), context.substring(0, context.length() - 1),
            context.replaceFirst("\\.[0-9a-f]{64}$", "."), context.replaceFirst("\\.[0-9a-f]{64}$", "")}) {
            enter(connection, wrong);
            assertNull(subject(connection), wrong);
            connection.query("COMMIT");
        }
        enter(connection, context);
        assertEquals(BOB, subject(connection));
    }

    @Test
    void cannotBeHandedInWhereSomebodyElseActs() throws IOException {
        var challenge = challenge(connection);
        enter(connection, signer.sign(user(ALICE), challenge));
        assertEquals("42501", refusal(connection, "SELECT auth.enter('" + signer.sign(user(BOB), challenge) + "', '0')"));
    }

    @Test
    void needAChallengeThatNobodyCanChoose() throws IOException {
        var context = signedForBob(connection);
        value(connection, "SELECT auth.challenge()");
        for (var way : new String[] {"setval('aerodb_guest.challenge', 1)", "nextval('aerodb_guest.challenge')", "currval('aerodb_guest.challenge')"}) {
            assertEquals("42501", refusal(connection, "SELECT " + way), way);
        }
        assertEquals("42501", refusal(connection, "SELECT last_value FROM aerodb_guest.challenge"));
        enter(connection, context);
        assertEquals("42501", refusal(connection, "SELECT auth.challenge()"));
        assertNotEquals(challenge(connection), challenge(connection));
    }

    @Test
    void areNotShownToGuestsButForTheirOwnInTheirOwnTransaction() {
        try (var guests = database.open()) {
            for (var i = 0; i < 3; i++) { // by the long way, then by the short one
                assertEquals("{\"columns\":[\"q\"],\"rows\":[{\"q\":\"SELECT current_query() AS q\"}],\"rowCount\":1}",
                        text(guests.query(user(ALICE), "SELECT current_query() AS q", json(""), PLENTY)));
                assertTrue(text(guests.query(user(ALICE), "SELECT current_setting('aerodb.ctx') AS c", json(""), PLENTY)).contains("\"c\":\"k1."));
                var refused = text(guests.query(user(ALICE), "SELECT auth.enter(current_setting('aerodb.ctx'), '0')", json(""), PLENTY));
                assertTrue(refused.contains("\"denied\"") && !refused.contains("k1."), refused);
                for (var view : new String[] {"pg_stat_activity", "pg_prepared_statements", "pg_cursors"}) {
                    var answer = text(guests.query(user(ALICE), "SELECT * FROM " + view, json(""), PLENTY));
                    assertTrue(answer.contains("\"denied\""), answer);
                    assertFalse(answer.contains("k1."), answer);
                }
            }
        }
    }

    private static PostgresConnection connected() throws IOException {
        return PostgresConnection.open(database.settings().address(), "authenticated",
                GuestTestDatabase.PASSWORDS.get(Role.AUTHENTICATED).value(), PLENTY);
    }

    private static long challenge(PostgresConnection connection) throws IOException {
        connection.query("ROLLBACK");
        return Long.parseLong(value(connection, "SELECT auth.challenge()"));
    }

    private static String signedForBob(PostgresConnection connection) throws IOException {
        return signer.sign(user(BOB), challenge(connection));
    }

    private static void enter(PostgresConnection connection, String context) throws IOException {
        connection.query("BEGIN");
        assertEquals("t", value(connection, "SELECT auth.enter('" + context + "', '10s')"));
    }

    private static @Nullable String subject(PostgresConnection connection) throws IOException {
        return value(connection, "SELECT auth.jwt() ->> 'sub'");
    }

    private static @Nullable String value(PostgresConnection connection, String sql) throws IOException {
        return connection.query(sql).getFirst().getFirst();
    }

    private static String refusal(PostgresConnection connection, String sql) {
        return assertThrows(ServerErrorException.class, () -> connection.query(sql)).error().sqlState();
    }
}
