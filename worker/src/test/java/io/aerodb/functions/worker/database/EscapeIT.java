package io.aerodb.functions.worker.database;

import static io.aerodb.functions.worker.database.GuestTestDatabase.ALICE;
import static io.aerodb.functions.worker.database.GuestTestDatabase.BOB;
import static io.aerodb.functions.worker.database.GuestTestDatabase.PLENTY;
import static io.aerodb.functions.worker.database.GuestTestDatabase.json;
import static io.aerodb.functions.worker.database.GuestTestDatabase.text;
import static io.aerodb.functions.worker.database.GuestTestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.worker.wasm.HostError;
import java.sql.SQLException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a guest may try, and that neither it nor the next user of its connection sees anything come of it. */
class EscapeIT {

    private static final String FOREIGN = "belongs to bob";
    private static final String STATE_OF_SESSION = """
            SELECT pg_backend_pid() AS pid, session_user AS login, current_user AS role, current_schemas(true) AS path,
              (SELECT array_agg(name || '=' || setting ORDER BY name) FROM pg_settings
                WHERE source = 'session' AND name <> 'statement_timeout') AS settings""";
    private static final String STATE_OF_DATABASE = """
            SELECT md5(concat(
              (SELECT string_agg(n::text, ',' ORDER BY id) FROM notes n),
              (SELECT string_agg(a::text, ',' ORDER BY oid) FROM pg_authid a WHERE rolname !~ '^(aerodb_|pg_)'),
              (SELECT string_agg(s::text, ',') FROM pg_db_role_setting s WHERE setdatabase = 0),
              (SELECT string_agg(m.roleid::text, ',') FROM pg_auth_members m WHERE m.member IN ('anon'::regrole, 'authenticated'::regrole)),
              (SELECT string_agg(c.oid::text || c.relname || c.relacl::text || c.relrowsecurity, ',' ORDER BY c.oid) FROM pg_class c
                WHERE c.relnamespace IN ('public'::regnamespace, 'auth'::regnamespace, 'aerodb_guest'::regnamespace)),
              (SELECT string_agg(n::text, ',' ORDER BY oid) FROM pg_namespace n WHERE nspname !~ '^pg_'),
              (SELECT string_agg(p.oid::text || p.proname || p.prosrc, ',' ORDER BY p.oid) FROM pg_proc p
                WHERE p.pronamespace IN ('public'::regnamespace, 'auth'::regnamespace)),
              (SELECT string_agg(polname, ',') FROM pg_policy), (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_extension),
              (SELECT count(*) FROM pg_largeobject_metadata), (SELECT string_agg(kid, ',') FROM aerodb_guest.claim_keys)))""";

    private static GuestTestDatabase database;
    private static GuestDatabase guests;

    @BeforeAll
    static void open() throws SQLException {
        // one connection for each role: whatever one caller leaves there, the next one finds
        database = GuestTestDatabase.shared(1);
        database.asAdmin("UPDATE notes SET body = '" + FOREIGN + "' WHERE owner = '" + BOB + "'");
        database.asAdmin("CREATE VIEW all_notes AS SELECT * FROM notes; GRANT SELECT ON all_notes TO authenticated; ANALYZE notes");
        try (var admin = database.database().connectAsAdmin()) {
            HardeningScript.apply(admin);
        }
        guests = database.open();
    }

    @AfterAll
    static void close() {
        guests.close();
    }

    @ParameterizedTest
    @MethodSource("io.aerodb.functions.worker.database.Attack#all")
    void givesNothingAwayAndLeavesTheConnectionClean(Attack attack) throws SQLException {
        var databaseBefore = state();
        var sessionBefore = query(user(BOB), STATE_OF_SESSION);
        for (var statement : attack.statements()) {
            var answer = text(guests.query(user(ALICE), statement, json("[]"), PLENTY));
            assertFalse(answer.contains(FOREIGN), answer);
            assertFalse(answer.contains(BOB) && answer.contains("\"rows\""), answer);
        }
        assertEquals("{\"columns\":[\"own\",\"all\"],\"rows\":[{\"own\":50,\"all\":50}],\"rowCount\":1}",
                query(user(BOB), "SELECT count(*) FILTER (WHERE body = '" + FOREIGN + "') AS own, count(*) AS all FROM notes"));
        assertEquals(sessionBefore, query(user(BOB), STATE_OF_SESSION));
        assertEquals("{\"columns\":[\"count\"],\"rows\":[{\"count\":0}],\"rowCount\":1}", query(Identity.ANONYMOUS, "SELECT count(*) FROM notes"));
        assertEquals(databaseBefore, state());
        assertEquals("0", admin("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
                + "(SELECT oid FROM pg_database WHERE datname = current_database())"));
    }

    @ParameterizedTest
    @MethodSource("io.aerodb.functions.worker.database.Attack#all")
    void givesACallerWithoutATokenNothingAtAll(Attack attack) {
        for (var statement : attack.statements()) {
            var answer = text(guests.query(Identity.ANONYMOUS, statement, json("[]"), PLENTY));
            assertFalse(answer.contains(FOREIGN) || answer.contains("note "), answer);
        }
        assertEquals("{\"columns\":[\"count\"],\"rows\":[{\"count\":0}],\"rowCount\":1}", query(Identity.ANONYMOUS, "SELECT count(*) FROM notes"));
    }

    /** The third layer must hold where the second is of no use: these pass the gate. */
    @Test
    void refusesWhatPassesTheGateByRevokes() {
        for (var call : new String[] {"set_config('role', 'service_role', false)", "pg_sleep(0)", "pg_advisory_lock(1)", "lo_create(0)",
                "pg_notify('a', 'b')", "pg_terminate_backend(1)", "query_to_xml('SELECT 1', true, true, '')", "setseed(0)"}) {
            var failed = assertInstanceOf(QueryAnswer.Failed.class, guests.query(user(ALICE), "SELECT " + call, json(""), PLENTY), call);
            assertEquals(HostError.DENIED, failed.error(), call);
        }
    }

    /** The fourth layer must hold where the second and third are gone: here the guest can set whatever it likes. */
    @Test
    void givesForgedOrReplayedClaimsNoRows() {
        var open = GuestTestDatabase.shared(1);
        open.asAdmin("GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO authenticated");
        try (var bare = open.open()) {
            var context = text(bare.query(user(BOB), "SELECT current_setting('aerodb.ctx') AS c", json(""), PLENTY));
            var matcher = Pattern.compile("\"c\":\"([^\"]+)\"").matcher(context);
            assertTrue(matcher.find());
            var replayed = matcher.group(1);
            var swapped = replayed.replaceFirst("^k1\\.[^.]*", "k1.eyJzdWIiOiIwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDBiMGIifQ==");
            for (var value : new String[] {replayed, swapped, "", "k1", "k1..", "k2.e30=.00", replayed + "0", "k1.###.00"}) {
                // in one query, and with a policy that looks again for every row
                var answer = text(bare.query(user(ALICE), "WITH x AS MATERIALIZED (SELECT set_config('aerodb.ctx', $1, true) AS s) "
                        + "SELECT count(auth.jwt()) AS n FROM x WHERE s IS NOT NULL", json("[\"" + value + "\"]"), PLENTY));
                assertTrue(answer.contains(value.startsWith("k2") ? "\"unavailable\"" : "\"n\":0"), value + ": " + answer);
            }
        }
    }

    private static String query(Identity caller, String sql) {
        return text(guests.query(caller, sql, json("[]"), PLENTY));
    }

    private static String state() throws SQLException {
        return admin(STATE_OF_DATABASE);
    }

    private static String admin(String sql) throws SQLException {
        try (var admin = database.database().connectAsAdmin(); var statement = admin.createStatement(); var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
