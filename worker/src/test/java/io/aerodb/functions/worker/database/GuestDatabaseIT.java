package io.aerodb.functions.worker.database;

import static io.aerodb.functions.worker.database.GuestTestDatabase.ALICE;
import static io.aerodb.functions.worker.database.GuestTestDatabase.BOB;
import static io.aerodb.functions.worker.database.GuestTestDatabase.PLENTY;
import static io.aerodb.functions.worker.database.GuestTestDatabase.json;
import static io.aerodb.functions.worker.database.GuestTestDatabase.service;
import static io.aerodb.functions.worker.database.GuestTestDatabase.text;
import static io.aerodb.functions.worker.database.GuestTestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.telemetry.TraceContext;
import io.aerodb.functions.worker.wasm.HostError;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GuestDatabaseIT {

    private static final TraceContext TRACE = new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1");
    private static GuestTestDatabase database;
    private static GuestDatabase guests;

    @BeforeAll
    static void open() {
        database = GuestTestDatabase.shared(2);
        guests = database.open();
    }

    @AfterAll
    static void close() {
        guests.close();
    }

    @Test
    void answersWithColumnsRowsAndTheirCount() {
        assertEquals("{\"columns\":[\"id\",\"body\"],\"rows\":[{\"id\":2,\"body\":\"note 2\"},{\"id\":4,\"body\":\"note 4\"}],\"rowCount\":2}",
                query(user(ALICE), "SELECT id, body FROM notes WHERE id < $1 ORDER BY id", "[6]"));
    }

    @Test
    void showsEachCallerItsOwnRowsOnly() {
        assertEquals(one("count", "50"), query(user(ALICE), "SELECT count(*) FROM notes", ""));
        assertEquals(one("n", "0"), query(user(ALICE), "SELECT count(*) AS n FROM notes WHERE owner = $1", "[\"" + BOB + "\"]"));
        assertEquals(one("count", "0"), query(Identity.ANONYMOUS, "SELECT count(*) FROM notes", ""));
        assertEquals(one("count", "100"), query(service(), "SELECT count(*) FROM notes", ""));
    }

    @Test
    void givesPoliciesTheSubjectTheRoleAndAllClaims() {
        assertEquals("{\"columns\":[\"uid\",\"role\",\"jwt\"],\"rows\":[{\"uid\":\"" + ALICE + "\",\"role\":\"authenticated\","
                        + "\"jwt\":{\"sub\": \"" + ALICE + "\", \"role\": \"authenticated\"}}],\"rowCount\":1}",
                query(user(ALICE), "SELECT auth.uid(), auth.role(), auth.jwt()", ""));
        assertEquals("{\"columns\":[\"uid\",\"role\"],\"rows\":[{\"uid\":null,\"role\":\"anon\"}],\"rowCount\":1}",
                query(Identity.ANONYMOUS, "SELECT auth.uid(), auth.role()", ""));
    }

    @Test
    void givesNoUuidForASubjectThatIsNone() {
        assertEquals("{\"columns\":[\"uid\",\"sub\"],\"rows\":[{\"uid\":null,\"sub\":\"auth0|7\"}],\"rowCount\":1}",
                query(user("auth0|7"), "SELECT auth.uid(), auth.jwt() ->> 'sub' AS sub", ""));
    }

    @Test
    void returnsWhatAnInsertMade() {
        assertEquals("{\"columns\":[\"id\",\"body\"],\"rows\":[{\"id\":1001,\"body\":\"new\"}],\"rowCount\":1}",
                query(user(ALICE), "INSERT INTO notes VALUES ($1, auth.uid(), $2) RETURNING id, body", "[1001,\"new\"]"));
        assertEquals("{\"columns\":[],\"rows\":[],\"rowCount\":1}", query(user(ALICE), "DELETE FROM notes WHERE id = 1001", ""));
    }

    @Test
    void keepsWhatSucceededWhenTheNextQueryFails() {
        query(user(ALICE), "INSERT INTO notes VALUES (2001, auth.uid())", "");
        failure(user(ALICE), "INSERT INTO notes VALUES (2002, auth.uid()), (2001, auth.uid())");
        assertEquals(one("array_agg", "[2001]"), query(user(ALICE), "SELECT array_agg(id) FROM notes WHERE id IN (2001, 2002)", ""));
        query(user(ALICE), "DELETE FROM notes WHERE id = 2001", "");
    }

    @Test
    void tellsSqlStateAndMessageButNoDetailNoHintAndNoContext() {
        query(user(ALICE), "INSERT INTO notes VALUES (3001, auth.uid())", "");
        var failed = failure(user(ALICE), "INSERT INTO notes VALUES (3001, auth.uid())");
        assertEquals("{\"error\":{\"code\":\"database\",\"message\":\"duplicate key value violates unique constraint "
                + "\\\"notes_pkey\\\"\",\"sqlstate\":\"23505\"}}", text(failed));
        assertEquals(-4, failed.error().number());
        query(user(ALICE), "DELETE FROM notes WHERE id = 3001", "");
    }

    @Test
    void deniesWhatTheCallersRoleMayNotDo() {
        var failed = failure(Identity.ANONYMOUS, "DELETE FROM notes");
        assertEquals(HostError.DENIED, failed.error());
        assertEquals("42501", failed.sqlState());
        assertEquals(HostError.DENIED, failure(user(ALICE), "INSERT INTO notes VALUES (4001, '" + BOB + "')").error());
    }

    @Test
    void reportsAConstraintThatIsCheckedOnlyAtTheEnd() {
        database.asOwner("""
                CREATE TABLE pairs (id int PRIMARY KEY, other int REFERENCES pairs DEFERRABLE INITIALLY DEFERRED);
                GRANT SELECT, INSERT ON pairs TO authenticated;
                """);
        assertEquals("23503", failure(user(ALICE), "INSERT INTO pairs VALUES (1, 2)").sqlState());
        assertEquals(one("count", "0"), query(user(ALICE), "SELECT count(*) FROM pairs", ""));
    }

    @Test
    void refusesTwoColumnsOfOneName() {
        var failed = failure(user(ALICE), "SELECT 1 AS a, 2 AS a");
        assertEquals(HostError.INVALID, failed.error());
        assertTrue(failed.message().contains("'a'"));
    }

    @Test
    void refusesWhatIsNoArrayOfParameters() {
        for (var wrong : new String[] {"{}", "[1", "1", "[1] 2", "nonsense"}) {
            var answer = guests.query(user(ALICE), "SELECT $1::int", json(wrong), PLENTY);
            assertEquals(HostError.INVALID, assertInstanceOf(QueryAnswer.Failed.class, answer).error(), wrong);
        }
    }

    @Test
    void leavesTheTextToTheServer() {
        assertEquals(one("has", "true"), query(user(ALICE), "SELECT '{\"a\":1}'::jsonb ? 'a' AS has -- a ; comment $1", ""));
        assertEquals(one("text", "\"a;b$1?\""), query(user(ALICE), "SELECT 'a;b$1?'::text AS text;", ""));
    }

    @Test
    void namesTheTraceBehindTheTextAndNowhereElse() {
        var sql = "SELECT current_query() AS q, $1::int AS n";
        var seen = one(TRACE, sql, "[1]");
        assertTrue(seen.contains("\"" + sql + " /*traceparent='" + TRACE.traceparent() + "'*/\""), seen);
        assertTrue(one(null, sql, "[2]").contains("\"" + sql + "\""), "without a trace the text is the guest's");
        assertTrue(one(TRACE, sql, "[3]").contains("\"n\":3"));
        assertTrue(one(null, sql, "[4]").contains("\"n\":4"));
    }

    @Test
    void runsEveryTextThatRunsWithoutATraceWithOneToo() {
        for (var sql : List.of("SELECT 7 AS n;", "SELECT 7 AS n -- end", "SELECT 7 AS n --", "SELECT 7 AS n /* \"'$$ */", "SELECT 7 AS n\n",
                "SELECT 7 AS n WHERE '/*' <> '*/' AND $$--$$ <> ''", "INSERT INTO notes VALUES (5001, auth.uid()) RETURNING 7 AS n", "DELETE FROM notes WHERE id = 5001 RETURNING 7 AS n")) {
            assertEquals(one("n", "7"), one(TRACE, sql, ""), sql);
        }
        for (var list : List.of("[[7,8]]", "[[]]")) { // asks for the types first
            assertTrue(one(TRACE, "SELECT cardinality($1::int[]) AS n", list).contains("\"rowCount\":1"), list);
        }
    }

    @Test
    void letsNothingThroughBecauseOfATrace() {
        for (var sql : List.of("SELECT 1 /*", "SELECT 1; SELECT 2", "SELECT '", "SELECT 1 $$", "BEGIN", "SELECT 1 */ /*")) {
            var answer = guests.query(user(ALICE), sql, json(""), PLENTY, TRACE);
            assertEquals(failure(user(ALICE), sql).sqlState(), assertInstanceOf(QueryAnswer.Failed.class, answer, sql).sqlState(), sql);
        }
    }

    @Test
    void acceptsAnyInstalledKeyAndNoOther() throws SQLException {
        var other = GuestTestDatabase.shared(1);
        var second = "k2:" + GuestTestDatabase.KEY.substring(3).replace('M', 'N');
        var rotating = ClaimKeys.parse(new Secret(second + "," + GuestTestDatabase.KEY));
        var signsWithSecond = new GuestDatabaseSettings(other.settings().address(), GuestTestDatabase.PASSWORDS, rotating, 1, 10, 1 << 20, false);
        try (var before = other.open(); var after = new GuestDatabase(Optional.of(signsWithSecond), new SimpleMeterRegistry());
                var admin = other.database().connectAsAdmin()) {
            var count = "SELECT count(*) FROM notes";
            assertTrue(text(after.query(user(ALICE), count, json(""), PLENTY)).contains("\"unavailable\""));
            HardeningScript.installKeys(admin, rotating);
            assertEquals(one("count", "50"), text(after.query(user(ALICE), count, json(""), PLENTY)));
            assertEquals(one("count", "50"), text(before.query(user(ALICE), count, json(""), PLENTY)));
            HardeningScript.installKeys(admin, ClaimKeys.parse(new Secret(second)));
            assertEquals(one("count", "50"), text(after.query(user(ALICE), count, json(""), PLENTY)));
            assertTrue(text(before.query(user(ALICE), count, json(""), PLENTY)).contains("\"unavailable\""));
        }
    }

    @Test
    void saysSoWhereNoDatabaseIsConfigured() {
        try (var none = new GuestDatabase(Optional.empty(), new SimpleMeterRegistry())) {
            var failed = assertInstanceOf(QueryAnswer.Failed.class, none.query(user(ALICE), "SELECT 1", json("[]"), PLENTY));
            assertEquals(-7, failed.error().number());
            assertTrue(failed.message().contains("no database is configured"));
        }
    }

    @Test
    void doesTheHardeningTwiceWithoutHarm() throws SQLException {
        try (var admin = database.database().connectAsAdmin()) {
            HardeningScript.apply(admin);
        }
        assertEquals(one("count", "50"), query(user(BOB), "SELECT count(*) FROM notes", ""));
    }

    private static String one(String column, String value) {
        return "{\"columns\":[\"" + column + "\"],\"rows\":[{\"" + column + "\":" + value + "}],\"rowCount\":1}";
    }

    private static String one(@Nullable TraceContext trace, String sql, String params) {
        return text(guests.query(user(ALICE), sql, json(params), PLENTY, trace));
    }

    private static String query(Identity caller, String sql, String params) {
        return text(guests.query(caller, sql, json(params), PLENTY));
    }

    private static QueryAnswer.Failed failure(Identity caller, String sql) {
        return assertInstanceOf(QueryAnswer.Failed.class, guests.query(caller, sql, json("[]"), PLENTY));
    }
}
