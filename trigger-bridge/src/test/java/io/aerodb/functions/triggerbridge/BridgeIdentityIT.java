package io.aerodb.functions.triggerbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who is said to have made a change, and how often functions may set off each other. */
class BridgeIdentityIT {

    private static final String ALICE = "{\"role\": \"authenticated\", \"sub\": \"alice\"}";

    private static TestKafka kafka;
    private static Source source;
    private static TriggerBridge bridge;
    private static Asked asked;
    private static Asked letters;

    @BeforeAll
    static void start() throws Exception {
        kafka = TestKafka.own();
        source = new Source(kafka, TestPostgres.shared());
        bridge = source.startBridge("AEROFN_BRIDGE_ROW_RATE", "5");
        asked = new Asked(source, Topics.EVENTS);
        letters = new Asked(source, Topics.DEAD_LETTERS);
    }

    @AfterAll
    static void stop() {
        letters.close();
        asked.close();
        bridge.close();
        source.close();
        kafka.close();
    }

    @Test
    void believesATrustedLoginForItsTransactionOnly() {
        source.execute("CREATE TABLE trusted (id int PRIMARY KEY)");
        source.deploy("trusted", "{'type': 'database', 'table': 'trusted', 'operations': ['insert']}");
        source.execute("INSERT INTO trusted VALUES (1)",
                "BEGIN; SET LOCAL request.jwt.claims = '" + ALICE + "'; INSERT INTO trusted VALUES (2); COMMIT",
                "INSERT INTO trusted VALUES (3)",
                "BEGIN; SET LOCAL request.jwt.claims = 'no claims'; INSERT INTO trusted VALUES (4); COMMIT",
                "BEGIN; SET LOCAL request.jwt.claims = '{\"role\": \"postgres\", \"aerodb_cause\": {\"invocation\": \"0198f0a0-0000-7000-8000-000000000001\", \"depth\": 7}}'; INSERT INTO trusted VALUES (5); COMMIT");
        var requests = asked.await("trusted", 5).stream().sorted(Comparator.comparingInt(each -> each.payload().path("row").path("id").asInt())).toList();
        var identities = requests.stream().map(each -> each.request().identity()).toList();
        assertEquals(Identity.ANONYMOUS, identities.get(0));
        assertEquals(Role.AUTHENTICATED, identities.get(1).role());
        assertEquals("alice", identities.get(1).subject());
        assertEquals(Identity.ANONYMOUS, identities.get(2));
        assertEquals(Identity.ANONYMOUS, identities.get(3));
        assertEquals(Role.ANON, identities.get(4).role(), "a role that we do not know");
        assertEquals(0, requests.get(4).request().lineage().depth(), "a request brings no cause along");
    }

    @Test
    void letsNoWriteFailForClaimsThatCannotBeRead() {
        source.execute("CREATE TABLE odd (id int PRIMARY KEY)");
        source.deploy("odd", "{'type': 'database', 'table': 'odd', 'operations': ['insert'], 'ordering': 'none'}");
        var odd = List.of("{\"name\": \"\\u0000\"}", "{\"n\": 1e999999}", "[".repeat(200_000), "\"text\"", "[1]", "null", "{\"a\": ");
        for (var id = 0; id < odd.size(); id++) {
            source.execute("BEGIN; SET LOCAL request.jwt.claims = '" + odd.get(id) + "'; INSERT INTO odd VALUES (" + id + "); COMMIT");
        }
        source.execute("BEGIN; SET LOCAL aerodb.ctx = 'no.context'; INSERT INTO odd VALUES (99); COMMIT");
        assertTrue(asked.await("odd", odd.size() + 1).stream().allMatch(each -> each.request().identity().equals(Identity.ANONYMOUS)));
    }

    @Test
    void letsNoWriteFailForAMissingGrant() throws Exception {
        source.execute("CREATE TABLE ungranted (id int PRIMARY KEY)");
        source.deploy("ungranted", "{'type': 'database', 'table': 'ungranted', 'operations': ['insert'], 'ordering': 'none'}");
        try (var admin = source.database().connectAsAdmin(); var statement = admin.createStatement()) {
            var emit = source.value("SELECT oid::regprocedure FROM pg_proc WHERE proname = 'pg_logical_emit_message' AND proargtypes[2] = 'text'::regtype");
            statement.execute("REVOKE EXECUTE ON FUNCTION " + emit + " FROM PUBLIC");
            try {
                source.execute("BEGIN; SET LOCAL request.jwt.claims = '" + ALICE + "'; INSERT INTO ungranted VALUES (1); COMMIT");
            } finally {
                statement.execute("GRANT EXECUTE ON FUNCTION " + emit + " TO PUBLIC");
            }
        }
        source.execute("BEGIN; SET LOCAL request.jwt.claims = '" + ALICE + "'; INSERT INTO ungranted VALUES (2); COMMIT");
        var subjects = asked.await("ungranted", 2).stream().map(each -> String.valueOf(each.request().identity().subject())).sorted().toList();
        assertEquals(List.of("alice", "null"), subjects);
    }

    @Test
    void goesByTheKeyThatThereIsNow() {
        source.execute("CREATE TABLE rekeyed (id int PRIMARY KEY)");
        source.deploy("rekeyed", "{'type': 'database', 'table': 'rekeyed', 'operations': ['insert'], 'ordering': 'none'}");
        source.execute("DROP SCHEMA aerodb_bridge CASCADE");
        var written = new AtomicInteger();
        Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofSeconds(1)).until(() -> {
            source.execute("BEGIN; SET LOCAL request.jwt.claims = '" + ALICE + "'; INSERT INTO rekeyed VALUES (" + written.incrementAndGet() + "); COMMIT");
            return asked.await("rekeyed", written.get()).stream().anyMatch(each -> "alice".equals(each.request().identity().subject()));
        });
    }

    @Test
    void runsAsServiceWhereTheTriggerSaysSo() {
        source.execute("CREATE TABLE served (id int PRIMARY KEY)");
        source.deploy("served", "{'type': 'database', 'table': 'served', 'operations': ['insert'], 'run_as': 'service_role'}");
        source.execute("INSERT INTO served VALUES (1)");
        assertEquals(Identity.SERVICE, asked.await("served", 1).getFirst().request().identity());
    }

    @Test
    void believesNobodyElse() throws Exception {
        source.execute("CREATE TABLE forged (id int PRIMARY KEY)");
        source.deploy("forged", "{'type': 'database', 'table': 'forged', 'operations': ['insert']}");
        var guest = "guest_" + Long.toHexString(System.nanoTime());
        try (var admin = source.database().connectAsAdmin(); var statement = admin.createStatement()) {
            statement.execute("CREATE ROLE " + guest + "; GRANT INSERT ON forged TO " + guest);
            // even one who may write messages, and has seen those of others, cannot sign
            for (var forgery : List.of(
                    "SET LOCAL request.jwt.claims = '" + ALICE + "'",
                    "SET LOCAL aerodb.ctx = 'k1.eyJyb2xlIjoic2VydmljZV9yb2xlIn0=.00'",
                    "SELECT pg_logical_emit_message(true, 'aerodb.identity', repeat('0', 64) || '{\"role\": \"service_role\"}')",
                    "SELECT pg_logical_emit_message(false, 'aerodb.identity', repeat('0', 64) || '{\"role\": \"service_role\"}')",
                    "SELECT pg_logical_emit_message(true, 'aerodb.triggers', 'No Function')")) {
                statement.execute("BEGIN; SET SESSION AUTHORIZATION " + guest);
                statement.execute(forgery);
                statement.execute("INSERT INTO forged SELECT coalesce(max(id), 0) + 1 FROM (SELECT " + System.nanoTime() % 1_000_000_000 + " AS id) one; COMMIT; RESET SESSION AUTHORIZATION");
            }
            for (var hidden : List.of("SELECT ipad FROM aerodb_bridge.identity_key", "SELECT aerodb_bridge.is_trusted('postgres')")) {
                statement.execute("SET SESSION AUTHORIZATION " + guest);
                assertThrows(SQLException.class, () -> statement.execute(hidden));
                statement.execute("RESET SESSION AUTHORIZATION");
            }
            assertTrue(asked.await("forged", 5).stream().allMatch(each -> each.request().identity().equals(Identity.ANONYMOUS)));
            assertTrue(scraped().lines().anyMatch(line -> line.startsWith("bridge_identities_refused_total") && !line.endsWith(" 0.0")), BridgeIdentityIT::scraped);
            statement.execute("DROP OWNED BY " + guest + "; DROP ROLE " + guest);
        }
    }

    @Test
    void putsAsideWhatOneRowAsksForTooOften() {
        source.execute("CREATE TABLE busy (id int PRIMARY KEY, n int)", "INSERT INTO busy VALUES (1, 0), (2, 0)");
        source.deploy("busy", "{'type': 'database', 'table': 'busy', 'operations': ['update']}");
        IntStream.range(0, 8).forEach(_ -> source.execute("UPDATE busy SET n = n + 1 WHERE id = 1"));
        source.execute("UPDATE busy SET n = n + 1 WHERE id = 2");
        assertEquals(3, letters.await("busy", 3).size());
        assertEquals(6, asked.await("busy", 6).size());
    }

    private static String scraped() {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + bridge.port() + "/metrics")).build(), BodyHandlers.ofString()).body();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
