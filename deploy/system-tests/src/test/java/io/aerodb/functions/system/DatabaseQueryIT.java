package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Functions that query the database, called over HTTP: row-level security sees the caller of the token. */
class DatabaseQueryIT {

    private static final String ALICE = "00000000-0000-4000-8000-00000000a11c";
    private static final String BOB = "00000000-0000-4000-8000-000000000b0b";
    private static final String NOTES = "SELECT body FROM notes ORDER BY body";

    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        var guests = platform.hardenDatabase();
        platform.execute("""
                CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner uuid NOT NULL DEFAULT auth.uid(), body text NOT NULL);
                ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
                CREATE POLICY own ON notes TO authenticated USING (owner = (SELECT auth.uid())) WITH CHECK (owner = (SELECT auth.uid()));
                GRANT SELECT ON notes TO anon;
                GRANT SELECT, INSERT, DELETE ON notes TO authenticated;
                INSERT INTO notes (owner, body) VALUES ('%s', 'alice 1'), ('%s', 'alice 2'), ('%s', 'bob 1');
                """.formatted(ALICE, ALICE, BOB));
        api = platform.startGateway(Map.of());
        platform.startWorker(guests);
        api.deployed("query", Functions.QUERY, "{}");
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void eachCallerSeesItsOwnRows() {
        assertEquals(List.of("alice 1", "alice 2"), bodies(query(Role.AUTHENTICATED, ALICE, NOTES)));
        assertEquals(List.of("bob 1"), bodies(query(Role.AUTHENTICATED, BOB, NOTES)));
    }

    @Test
    void aCallerWithoutAnIdentitySeesNone() {
        assertEquals(List.of(), bodies(query(Role.ANON, null, NOTES)));
        assertEquals(List.of(), bodies(query(Role.AUTHENTICATED, "not-a-uuid", NOTES)));
    }

    @Test
    void theServiceRoleSeesAllRows() {
        assertEquals(List.of("alice 1", "alice 2", "bob 1"), bodies(query(Role.SERVICE, null, NOTES)));
    }

    @Test
    void aFunctionThatRunsAsTheServiceRoleSeesAllRowsWhoeverCalls() {
        api.deployed("privileged", Functions.QUERY, "{\"run_as\": \"service_role\"}");
        assertEquals(List.of("alice 1", "alice 2", "bob 1"), bodies(call("privileged", Role.ANON, null, NOTES)));
    }

    @Test
    void insertsAndReturnsWhatTheDatabaseMadeOfIt() {
        var inserted = query(Role.AUTHENTICATED, BOB, "INSERT INTO notes (body) VALUES ('bob 2') RETURNING owner, body");
        assertEquals(1, inserted.path("rowCount").asInt(), inserted::toString);
        assertEquals(BOB, inserted.path("rows").path(0).path("owner").asText());
        assertEquals(List.of("bob 1", "bob 2"), bodies(query(Role.AUTHENTICATED, BOB, NOTES)));
        assertEquals(1, query(Role.AUTHENTICATED, BOB, "DELETE FROM notes WHERE body = 'bob 2'").path("rowCount").asInt());
        assertError("denied", "42501", query(Role.AUTHENTICATED, BOB, "INSERT INTO notes (owner, body) VALUES ('" + ALICE + "', 'forged')"));
    }

    @Test
    void whatSucceededStaysAlthoughTheNextQueryAndTheFunctionFail() throws Exception {
        platform.execute("CREATE TABLE steps (n int PRIMARY KEY); GRANT INSERT ON steps TO anon");
        api.deployed("two-steps", Functions.queryingAndFailing("INSERT INTO steps VALUES (1)", "INSERT INTO steps VALUES (2), (1)"), "{}");
        var response = api.send(api.as(Role.ANON, "/functions/v1/invoke/two-steps").POST(BodyPublishers.noBody()));
        assertProblem(500, "function_error", response);
        assertEquals(List.of(List.of(1)), platform.query("SELECT n FROM steps"));
    }

    @Test
    void anErrorReachesTheFunctionWithItsSqlStateAndNoMore() {
        assertError("database", "22012", query(Role.ANON, null, "SELECT 1/0"));
        var duplicate = query(Role.SERVICE, null, "INSERT INTO notes OVERRIDING SYSTEM VALUE SELECT id, owner, body FROM notes LIMIT 1");
        assertError("database", "23505", duplicate);
        assertTrue(!duplicate.toString().contains("already exists"), "the DETAIL shows a key: " + duplicate);
    }

    @Test
    void noCallerReachesTheTablesOfThePlatformOrTheKeys() {
        for (var role : Role.values()) {
            for (var table : List.of("aerodb.functions", "aerodb.modules", "aerodb.function_invocations", "aerodb_guest.claim_keys")) {
                assertError("denied", "42501", query(role, null, "SELECT * FROM " + table));
            }
        }
    }

    @Test
    void aCallerCannotBecomeAnother() {
        for (var attempt : List.of("SET ROLE service_role", "RESET ROLE", "COMMIT", "SELECT 1; SELECT 2", "DO 'BEGIN END'")) {
            assertEquals("database", query(Role.AUTHENTICATED, BOB, attempt).path("error").path("code").asText(), attempt);
        }
        assertError("denied", "42501", query(Role.AUTHENTICATED, BOB, "SELECT set_config('aerodb.ctx', 'x', true)"));
        assertEquals(List.of("bob 1"), bodies(query(Role.AUTHENTICATED, BOB, NOTES)));
    }

    @Test
    void theExampleKeepsNotesOfEachCaller() throws Exception {
        try (var example = Objects.requireNonNull(DatabaseQueryIT.class.getResourceAsStream("/examples/notes/notes.wat"))) {
            api.deployed("notes", new String(example.readAllBytes(), StandardCharsets.UTF_8), "{}");
        }
        var carol = "00000000-0000-4000-8000-000000000ca1";
        var written = call("notes", Role.AUTHENTICATED, carol, "[\"buy \\\"milk\\\"\"]");
        assertEquals(List.of("buy \"milk\""), bodies(written));
        assertEquals(List.of("buy \"milk\""), bodies(call("notes", Role.AUTHENTICATED, carol, "")));
        var refused = api.send(api.as(Role.ANON, "/functions/v1/invoke/notes").POST(BodyPublishers.ofString("[\"x\"]")));
        assertProblem(500, "function_error", refused);
        assertTrue(json(refused).path("output").asText().contains("42501"), () -> text(refused));
        assertEquals(1, query(Role.AUTHENTICATED, carol, "DELETE FROM notes").path("rowCount").asInt());
    }

    private static JsonNode query(Role role, @Nullable String subject, String sql) {
        return call("query", role, subject, sql);
    }

    private static JsonNode call(String function, Role role, @Nullable String subject, String payload) {
        var response = api.send(api.request("/functions/v1/invoke/" + function)
                .header("Authorization", "Bearer " + Api.token(role, subject)).POST(BodyPublishers.ofString(payload)));
        assertEquals(200, response.statusCode(), () -> text(response));
        return json(response);
    }

    private static List<String> bodies(JsonNode answer) {
        assertTrue(answer.has("rows"), answer::toString);
        return answer.path("rows").valueStream().map(row -> row.path("body").asText()).toList();
    }

    private static void assertError(String code, String sqlState, JsonNode answer) {
        var error = answer.path("error");
        assertEquals(code, error.path("code").asText(), answer::toString);
        assertEquals(sqlState, error.path("sqlstate").asText(), answer::toString);
    }
}
