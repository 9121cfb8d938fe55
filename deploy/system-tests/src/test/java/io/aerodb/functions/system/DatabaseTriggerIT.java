package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** From a committed row to a function that has run, with who wrote it and what that goes back to. */
class DatabaseTriggerIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ROWS = "SELECT status, role, user_id, depth, cause IS NOT NULL, error_code FROM aerodb.function_invocations WHERE function = '";

    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        var guests = platform.hardenDatabase();
        api = platform.startGateway(Map.of());
        platform.startWorker(guests);
        platform.startBridge(Map.of("AEROFN_BRIDGE_REALTIME_TABLES", "public.watched"));
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void runsAFunctionForARowThatWasCommitted() throws Exception {
        platform.execute("CREATE TABLE orders (id int PRIMARY KEY, total numeric, status text)");
        var deployed = api.deployed("on-order", Functions.ECHO, """
                {"triggers": [{"type": "database", "table": "public.orders", "operations": ["insert", "update"], "when": "new.total > 100"}]}""");
        assertTrue(deployed.toString().contains("\"replica_identity_full\":[\"public.orders\"]"), deployed.toString());
        platform.execute("INSERT INTO orders VALUES (1, 50, 'new'), (2, 150, 'new')");
        Awaitility.await().atMost(PATIENCE).until(() -> !platform.query(ROWS + "on-order'").isEmpty());
        assertEquals("[[succeeded, anon, null, 0, false, null]]", platform.query(ROWS + "on-order'").toString());
    }

    @Test
    void goesByTheTriggersThatAFunctionWasGivenAfterItsDeployment() throws Exception {
        platform.execute("CREATE TABLE first (id int PRIMARY KEY); CREATE TABLE second (id int PRIMARY KEY); CREATE TABLE marks (id int PRIMARY KEY)");
        api.deployed("witness", Functions.ECHO, "{\"triggers\": [{\"type\": \"database\", \"table\": \"marks\", \"operations\": [\"insert\"]}]}");
        api.deployed("changing", Functions.ECHO, "{}");
        writeAndAwaitReading(1, "INSERT INTO first VALUES (1)");
        var onFirst = patch("{\"triggers\": [{\"type\": \"database\", \"table\": \"first\", \"operations\": [\"insert\"]}]}").path("version").asInt();
        writeAndAwaitReading(2, "INSERT INTO first VALUES (2)"); // runs it
        patch("{\"triggers\": [{\"type\": \"database\", \"table\": \"second\", \"operations\": [\"insert\"]}]}");
        writeAndAwaitReading(3, "INSERT INTO first VALUES (3); INSERT INTO second VALUES (1)"); // the second
        patch("{\"triggers\": []}");
        writeAndAwaitReading(4, "INSERT INTO first VALUES (4); INSERT INTO second VALUES (2)");
        var activated = api.send(api.as(Role.SERVICE, "/functions/v1/changing/versions/" + onFirst + "/activate").POST(BodyPublishers.noBody()));
        assertEquals(200, activated.statusCode(), Api.text(activated));
        writeAndAwaitReading(5, "INSERT INTO first VALUES (5); INSERT INTO second VALUES (3)"); // the first
        patch("{\"enabled\": false}");
        writeAndAwaitReading(6, "INSERT INTO first VALUES (6)");
        patch("{\"enabled\": true}");
        writeAndAwaitReading(7, "INSERT INTO first VALUES (7)"); // runs it
        Awaitility.await().atMost(PATIENCE).until(() -> platform.query(ROWS + "changing' AND status = 'succeeded'").size() >= 4);
        assertEquals(4, platform.query(ROWS + "changing'").size());
    }

    /** Returns when the bridge has read it: what comes later does not change what becomes of it. */
    private static void writeAndAwaitReading(int mark, String sql) throws Exception {
        platform.execute(sql + "; INSERT INTO marks VALUES (" + mark + ")");
        Awaitility.await().atMost(PATIENCE).until(() -> platform.query(ROWS + "witness'").size() == mark);
    }

    private static JsonNode patch(String config) {
        var answer = api.send(api.as(Role.SERVICE, "/functions/v1/changing").header("Content-Type", "application/json").method("PATCH", BodyPublishers.ofString(config)));
        assertEquals(200, answer.statusCode(), Api.text(answer));
        return Api.json(answer);
    }

    @Test
    void runsAFunctionForManyRowsAtOnce() throws Exception {
        platform.execute("CREATE TABLE clicks (id int PRIMARY KEY)");
        var deployed = api.deployed("on-clicks", Functions.ECHO, """
                {"triggers": [{"type": "database", "table": "clicks", "operations": ["insert"], "batch": {"size": 50, "window_ms": 300}}]}""");
        assertTrue(deployed.toString().contains("\"batch\":{\"size\":50,\"window_ms\":300,\"groups\":1}"), deployed.toString());
        platform.execute("INSERT INTO clicks SELECT generate_series(1, 120)");
        Awaitility.await().atMost(PATIENCE).until(() -> platform.query(ROWS + "on-clicks'").size() == 3);
        assertEquals("[[succeeded, anon, null, 0, false, null]]", platform.query(ROWS + "on-clicks' LIMIT 1").toString());
        assertProblem(400, "invalid_trigger", api.deploy("wrong", Functions.ECHO, """
                {"triggers": [{"type": "database", "table": "clicks", "operations": ["insert"], "batch": {"size": 101}}]}"""));
    }

    /** What a function writes is seen by whoever follows the table. */
    @Test
    void publishesWhatAFunctionWrites() throws Exception {
        platform.execute("CREATE TABLE watched (id int PRIMARY KEY, note text); GRANT SELECT, INSERT ON watched TO authenticated");
        api.deployed("writer", Functions.querying("INSERT INTO watched VALUES (1, 'by a function')"), """
                {"triggers": [{"type": "database", "table": "watched", "operations": ["delete"]}]}""");
        api.send(api.request("/functions/v1/invoke/writer").header("Authorization", "Bearer " + Api.token(Role.AUTHENTICATED, "alice")).POST(BodyPublishers.noBody()));
        try (var consumer = new Kafka(TestKafka.shared().bootstrap(), "test").groupConsumer("watching", 10, Duration.ZERO)) {
            consumer.subscribe(List.of("functions.changes.public.watched"));
            var seen = new ArrayList<String>();
            Awaitility.await().atMost(PATIENCE).pollInSameThread().until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> seen.add(new String(record.value(), StandardCharsets.UTF_8)));
                return !seen.isEmpty();
            });
            assertTrue(seen.getFirst().contains("\"row\":{\"id\":1,\"note\":\"by a function\"}"), seen.getFirst());
        }
    }

    @Test
    void refusesWhatDoesNotFitTheTable() throws Exception {
        platform.execute("CREATE TABLE narrow (id int PRIMARY KEY, status text)");
        for (var wrong : Map.of(
                "\"table\": \"public.missing\"", "there is no such table",
                "\"table\": \"aerodb.functions\"", "cannot run functions",
                "\"table\": \"narrow\", \"columns\": [\"total\"]", "no column 'total'; it has id, status",
                "\"table\": \"narrow\", \"when\": \"new.totel > 1\"", "undefined field 'totel'",
                "\"table\": \"narrow\", \"when\": \"new.status > 1\"", "no matching overload").entrySet()) {
            var refusal = api.deploy("wrong", Functions.ECHO, "{\"triggers\": [{\"type\": \"database\", \"operations\": [\"update\"], " + wrong.getKey() + "}]}");
            assertProblem(400, "invalid_trigger", refusal);
            assertTrue(Api.text(refusal).contains(wrong.getValue()), Api.text(refusal));
        }
        assertEquals(404, api.get("/functions/v1/wrong").statusCode());
    }

    @Test
    void runsAFunctionForRowsThatAreThereAlready() throws Exception {
        platform.execute("CREATE TABLE parcels (id int PRIMARY KEY); INSERT INTO parcels SELECT generate_series(1, 300); ANALYZE parcels; CREATE TABLE keyless (id int)");
        var triggers = api.deployed("on-parcel", Functions.ECHO, """
                {"triggers": [{"type": "database", "table": "parcels", "operations": ["insert"], "when": "new.id > 100"}, {"type": "database", "table": "keyless", "operations": ["insert"]}]}""")
                .path("triggers");
        var path = "/functions/v1/on-parcel";
        var start = api.as(Role.SERVICE, path + "/triggers/" + triggers.path(0).path("id").asText() + "/backfill").POST(BodyPublishers.ofString("{\"rate\": 2000}"));
        var started = api.send(start);
        assertEquals(202, started.statusCode(), () -> Api.text(started));
        var location = started.headers().firstValue("location").orElseThrow();
        Awaitility.await().atMost(PATIENCE).until(() -> Api.json(api.get(location)).path("state").asText().equals("completed"));
        var shown = Api.json(api.get(location));
        assertEquals(List.of(300, 300, 200), List.of(shown.path("estimated_total").asInt(), shown.path("read").asInt(), shown.path("fired").asInt()), shown::toString);
        Awaitility.await().atMost(PATIENCE).until(() -> platform.query(ROWS + "on-parcel' AND status = 'succeeded'").size() == 200);
        assertProblem(409, "already_ended", api.delete(location));

        var refused = api.send(api.as(Role.SERVICE, path + "/triggers/" + triggers.path(1).path("id").asText() + "/backfill").POST(BodyPublishers.noBody()));
        assertProblem(409, "cannot_backfill", refused);
        assertTrue(Api.text(refused).contains("ADD PRIMARY KEY"), Api.text(refused));
        api.send(api.as(Role.SERVICE, path).header("Content-Type", "application/merge-patch+json").method("PATCH", BodyPublishers.ofString("{\"enabled\": false}")));
        assertProblem(409, "cannot_backfill", api.send(start));
    }

    @Test
    void endsALoopThatWritesThroughTheDatabase() throws Exception {
        platform.execute("CREATE TABLE loops (id int PRIMARY KEY, n int); GRANT SELECT, INSERT, UPDATE ON loops TO authenticated; INSERT INTO loops VALUES (1, 0)");
        api.deployed("loop", Functions.querying("UPDATE loops SET n = n + 1"), """
                {"triggers": [{"type": "database", "table": "public.loops", "operations": ["update"]}]}""");
        api.send(api.request("/functions/v1/invoke/loop").header("Authorization", "Bearer " + Api.token(Role.AUTHENTICATED, "alice")).POST(BodyPublishers.noBody()));
        Awaitility.await().atMost(PATIENCE).until(() -> platform.query(ROWS + "loop' AND status = 'dead_lettered'").size() == 1);
        assertEquals("[[dead_lettered, authenticated, alice, 9, true, depth_exceeded]]", platform.query(ROWS + "loop' AND status = 'dead_lettered'").toString());
        assertEquals("[[9]]", platform.query("SELECT count(*)::int FROM aerodb.function_invocations WHERE function = 'loop' AND status = 'succeeded'").toString());
        assertEquals("[[9]]", platform.query("SELECT n FROM loops").toString());
    }
}
