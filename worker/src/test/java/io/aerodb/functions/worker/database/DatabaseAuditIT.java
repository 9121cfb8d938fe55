package io.aerodb.functions.worker.database;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.testkit.TestPostgres;
import io.aerodb.functions.worker.database.wire.PostgresAddress;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Has a server of its own, because it spoils roles. */
class DatabaseAuditIT {

    private static TestPostgres postgres;
    private static GuestTestDatabase database;

    @BeforeAll
    static void start() {
        postgres = TestPostgres.own();
        database = GuestTestDatabase.on(postgres, 1);
        database.asAdmin("CREATE ROLE club; CREATE VIEW all_notes AS SELECT * FROM notes; CREATE SCHEMA aerodb");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Test
    void findsNothingInAHardenedDatabase() {
        assertEquals(List.of(), DatabaseAudit.of(database.settings()));
        assertDoesNotThrow(() -> DatabaseAudit.require(database.settings()));
    }

    /** Each takes one stone out; the audit names a statement, and the statement, alone, puts it back. */
    @ParameterizedTest
    @ValueSource(strings = {
        "ALTER ROLE anon SUPERUSER", "ALTER ROLE authenticated CREATEROLE", "ALTER ROLE anon CREATEDB", "ALTER ROLE anon REPLICATION",
        "ALTER ROLE authenticated INHERIT", "ALTER ROLE authenticated BYPASSRLS", "ALTER ROLE service_role NOBYPASSRLS",
        "ALTER ROLE anon CONNECTION LIMIT -1", "GRANT club TO authenticated", "ALTER VIEW all_notes OWNER TO anon",
        "ALTER ROLE authenticated RESET temp_file_limit",
        "GRANT TEMPORARY ON DATABASE current TO PUBLIC", "GRANT CREATE ON DATABASE current TO anon", "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC", "GRANT UPDATE ON pg_settings TO PUBLIC", "GRANT TRUNCATE ON notes TO authenticated",
        "GRANT TRIGGER ON notes TO service_role", "GRANT USAGE ON SCHEMA aerodb TO anon", "GRANT USAGE ON SCHEMA aerodb_guest TO anon",
        "GRANT SELECT ON aerodb_guest.claim_keys TO authenticated", "ALTER VIEW all_notes RESET (security_invoker); GRANT SELECT ON all_notes TO authenticated",
        "GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO PUBLIC", "GRANT EXECUTE ON FUNCTION pg_sleep(double precision) TO anon",
        "GRANT EXECUTE ON FUNCTION pg_terminate_backend(integer, bigint) TO PUBLIC", "GRANT EXECUTE ON FUNCTION pg_notify(text, text) TO PUBLIC",
        "GRANT EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text, boolean) TO PUBLIC",
        "GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO authenticated", "GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC",
        "GRANT EXECUTE ON FUNCTION query_to_xml(text, boolean, boolean, text) TO PUBLIC", "GRANT EXECUTE ON FUNCTION ts_stat(text) TO PUBLIC",
        "GRANT EXECUTE ON FUNCTION pg_stat_get_activity(integer) TO PUBLIC", "GRANT EXECUTE ON FUNCTION pg_export_snapshot() TO PUBLIC"
    })
    void namesWhatIsMissingAndHowToMendIt(String damage) {
        database.asAdmin(damage.replace("DATABASE current", "DATABASE " + database.database().name()));
        var findings = DatabaseAudit.of(database.settings());
        assertEquals(1, findings.size(), findings.toString());
        var refusal = assertThrows(DatabaseNotHardenedException.class, () -> DatabaseAudit.require(database.settings()));
        assertTrue(refusal.getMessage().contains(findings.getFirst().mend()));
        database.asAdmin(findings.getFirst().mend());
        assertEquals(List.of(), DatabaseAudit.of(database.settings()));
    }

    @Test
    void acceptsAViewThatIsMeantToReadWithItsOwnersRights() {
        database.asAdmin("CREATE VIEW meant WITH (security_invoker = false) AS SELECT id FROM notes; GRANT SELECT ON meant TO anon");
        assertEquals(List.of(), DatabaseAudit.of(database.settings()));
        database.asAdmin("DROP VIEW meant");
    }

    @Test
    void namesFunctionsThatAreMissingAndTheScriptBringsThemBack() throws SQLException {
        database.asAdmin("DROP FUNCTION auth.role()");
        assertTrue(DatabaseAudit.of(database.settings()).getFirst().problem().contains("auth.role()"));
        try (var admin = database.database().connectAsAdmin()) {
            HardeningScript.apply(admin);
        }
        assertEquals(List.of(), DatabaseAudit.of(database.settings()));
    }

    @Test
    void noticesAFunctionThatBelievesAnything() throws SQLException {
        database.asAdmin("CREATE OR REPLACE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE RETURN '{\"sub\": \"audit\"}'::jsonb");
        assertTrue(DatabaseAudit.of(database.settings()).getFirst().problem().contains("nobody has signed"));
        try (var admin = database.database().connectAsAdmin()) {
            HardeningScript.apply(admin);
        }
        assertEquals(List.of(), DatabaseAudit.of(database.settings()));
    }

    @Test
    void namesAKeyThatTheDatabaseDoesNotKnow() {
        var settings = with(ClaimKeys.parse(new Secret(GuestTestDatabase.KEY + ",new:" + GuestTestDatabase.KEY.substring(3))), false);
        var findings = DatabaseAudit.of(settings);
        assertTrue(findings.getFirst().problem().contains("'new'"), findings.toString());
    }

    @Test
    void namesARoleThatCannotLogIn() {
        var passwords = new EnumMap<>(GuestTestDatabase.PASSWORDS);
        passwords.put(Role.ANON, new Secret("wrong"));
        var settings = new GuestDatabaseSettings(database.settings().address(), passwords, database.settings().claimKeys(), 1, 1, 1, false);
        var findings = DatabaseAudit.of(settings);
        assertEquals(1, findings.size());
        assertTrue(findings.getFirst().problem().contains("cannot log in as anon"), findings.toString());
    }

    @Test
    void toleratesRevokesThatManagedDatabasesForbidIfItIsTold() {
        database.asAdmin("GRANT EXECUTE ON FUNCTION setseed(double precision) TO PUBLIC");
        assertDoesNotThrow(() -> DatabaseAudit.require(with(database.settings().claimKeys(), true)));
        database.asAdmin("GRANT CREATE ON SCHEMA public TO PUBLIC");
        assertThrows(DatabaseNotHardenedException.class, () -> DatabaseAudit.require(with(database.settings().claimKeys(), true)));
        DatabaseAudit.of(database.settings()).forEach(finding -> database.asAdmin(finding.mend()));
        assertEquals(List.of(), DatabaseAudit.of(database.settings()));
    }

    @Test
    void findsEveryLayerMissingInADatabaseThatNobodyHardened() {
        var bare = postgres.newDatabase();
        var settings = new GuestDatabaseSettings(PostgresAddress.parse(bare.jdbcUrl()), GuestTestDatabase.PASSWORDS,
                database.settings().claimKeys(), 1, 1, 1, false);
        var findings = DatabaseAudit.of(settings);
        assertTrue(findings.size() > 50, findings.toString());
        assertTrue(findings.stream().anyMatch(finding -> finding.layer() == Finding.Layer.CLAIMS));
        assertTrue(findings.stream().anyMatch(finding -> finding.mend().contains("REVOKE TEMPORARY")));
    }

    @Test
    void saysThatTheDatabaseIsAway() {
        var nowhere = new GuestDatabaseSettings(PostgresAddress.parse("jdbc:postgresql://127.0.0.1:1/none"), GuestTestDatabase.PASSWORDS,
                database.settings().claimKeys(), 1, 1, 1, false);
        assertThrows(UnavailableException.class, () -> DatabaseAudit.of(nowhere));
    }

    private static GuestDatabaseSettings with(ClaimKeys keys, boolean tolerates) {
        return new GuestDatabaseSettings(database.settings().address(), GuestTestDatabase.PASSWORDS, keys, 1, 1, 1, tolerates);
    }
}
