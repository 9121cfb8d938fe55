package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.id;
import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Calls nobody waits for, calls that come twice, and what became of them. */
class DeliveryApiIT {

    private static final String INVOCATIONS = "/functions/v1/invocations/";
    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of());
        platform.startWorker(Map.of());
        api.deployed("parcel", Functions.ECHO, "{}");
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void showsAnInvocationToItsCallerAndTheServiceOnly() {
        var location = INVOCATIONS + id(async("parcel", "mine"));
        assertEquals(200, ask(location).statusCode());
        assertEquals(200, api.get(location).statusCode());
        var stranger = api.send(api.request(location).header("Authorization", "Bearer " + Api.token(Role.AUTHENTICATED, "user-8")));
        var missing = ask(INVOCATIONS + InvocationId.at(Instant.EPOCH));
        assertProblem(404, "invocation_not_found", stranger);
        assertProblem(404, "invocation_not_found", missing);
        assertProblem(404, "invocation_not_found", api.send(api.as(Role.ANON, location)));
        assertProblem(404, "invocation_not_found", api.send(api.request(location)));
        assertProblem(404, "invocation_not_found", api.send(api.request(location).header("Authorization", "Bearer "
                + Api.token(Role.AUTHENTICATED, "user-8")).DELETE()));
        assertProblem(404, "invocation_not_found", ask(INVOCATIONS + "nonsense"));
        assertProblem(401, "unauthenticated", api.send(api.request(location).header("Authorization", "Bearer x")));
        assertProblem(400, "invalid_request", ask(location + "?wait=61s"));
        assertProblem(400, "invalid_request", ask(location + "?wait=soon"));
    }

    @Test
    void showsTheResultOfASynchronousCall() {
        var id = id(api.invoke("parcel", "sync"));
        var shown = json(ask(INVOCATIONS + id + "?wait=30s"));
        assertEquals("succeeded", shown.path("status").asText());
        var failed = api.deployed("parcel-crash", Functions.CRASH, "{}");
        var crash = json(ask(INVOCATIONS + id(api.invoke("parcel-crash", "")) + "?wait=30s"));
        assertEquals(500, crash.path("result").path("status").asInt());
        assertEquals("function_error", crash.path("result").path("body").path("code").asText());
        assertEquals("parcel-crash", failed.path("name").asText());
    }

    @Test
    void answersARepeatWithTheStoredResult() throws Exception {
        var key = UUID.randomUUID().toString();
        var first = keyed(key, "once");
        assertEquals(200, first.statusCode(), () -> text(first));
        json(ask(INVOCATIONS + id(first) + "?wait=30s"));
        for (var i = 0; i < 2; i++) {
            var repeat = keyed(key, "once");
            assertEquals(200, repeat.statusCode(), () -> text(repeat));
            assertEquals("once", new String(repeat.body(), StandardCharsets.UTF_8));
            assertEquals("true", repeat.headers().firstValue("idempotent-replayed").orElse(""));
            assertEquals(id(first), id(repeat));
        }
        assertProblem(422, "idempotency_key_reused", keyed(key, "something else"));
        var other = api.send(api.request("/functions/v1/invoke/parcel").header("Authorization", "Bearer " + Api.token(Role.AUTHENTICATED, "user-8"))
                .header("Idempotency-Key", key).POST(BodyPublishers.ofString("once")));
        assertNotEquals(id(first), id(other), "keys of two callers are two keys");
        var async = api.send(asCaller("/functions/v1/invoke/parcel").header("Prefer", "respond-async").header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString("once")));
        assertEquals(202, async.statusCode());
        assertEquals(id(first), json(async).path("id").asText());
        assertProblem(400, "invalid_request", keyed("", "once"));
        platform.execute("UPDATE aerodb.idempotency_keys SET expires_at = now() WHERE invocation = '" + id(first) + "'");
        assertNotEquals(id(first), id(keyed(key, "once")), "after a day, a key is as good as new");
    }

    @Test
    void runsAgainWhatWasLostBeforeItGotToTheLogOrNeverRan() throws Exception {
        var key = UUID.randomUUID().toString();
        var lost = InvocationId.at(Instant.now());
        var first = id(keyed(key, "lost"));
        platform.execute("UPDATE aerodb.idempotency_keys SET invocation = '" + lost + "', deadline = now() + interval '1 hour' WHERE invocation = '"
                + first + "'");
        assertProblem(409, "in_progress", keyed(key, "lost"));
        var async = api.send(asCaller("/functions/v1/invoke/parcel").header("Prefer", "respond-async").header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString("lost")));
        assertProblem(409, "in_progress", async); // 202 would say that it is safe
        assertEquals(lost.toString(), id(async));
        platform.execute("UPDATE aerodb.idempotency_keys SET deadline = now() - interval '1 second' WHERE invocation = '" + lost + "'");
        var again = keyed(key, "lost");
        assertEquals(200, again.statusCode(), () -> text(again));
        assertEquals(lost.toString(), id(again));

        json(ask(INVOCATIONS + lost + "?wait=30s"));
        platform.execute("UPDATE aerodb.function_invocations SET status = 'rejected', error_code = 'unavailable', error_message = 'away', "
                + "started_at = NULL WHERE id = '" + lost + "'");
        platform.execute("UPDATE aerodb.invocation_claims SET worker = 'another' WHERE id = '" + lost + "'");
        assertEquals(lost.toString(), id(keyed(key, "lost")), "another worker may have run it");
        platform.execute("UPDATE aerodb.invocation_claims c SET worker = i.worker FROM aerodb.function_invocations i WHERE c.id = i.id AND c.id = '" + lost + "'");
        var anew = keyed(key, "lost");
        assertEquals(200, anew.statusCode(), () -> text(anew));
        assertNotEquals(lost.toString(), id(anew));
    }

    @Test
    void replaysOneRequest() throws Exception {
        var original = id(api.invoke("parcel", "again"));
        json(ask(INVOCATIONS + original + "?wait=30s"));
        var replay = INVOCATIONS + original + "/replay";
        assertProblem(403, "forbidden", api.send(asCaller(replay).POST(BodyPublishers.noBody())));
        assertProblem(404, "version_not_found", post(replay + "?version=99", ""));
        assertProblem(400, "invalid_request", post(replay + "?version=newest", ""));
        assertProblem(404, "invocation_not_found", post(INVOCATIONS + InvocationId.at(Instant.EPOCH) + "/replay", ""));

        platform.execute("UPDATE aerodb.function_invocations SET status = 'dead_lettered' WHERE id = '" + original + "'");
        platform.execute("INSERT INTO aerodb.dead_letters VALUES (0, 4711, now(), 'attempts_exhausted', 5, '" + original + "', now(), 'parcel', 'x', 0, 0)");
        var started = post(replay + "?version=active", "");
        assertEquals(202, started.statusCode(), () -> text(started));
        var shown = json(api.get(started.headers().firstValue("location").orElseThrow() + "?wait=1s"));
        assertEquals("authenticated", shown.path("role").asText(), "it runs on behalf of the same caller");
        assertEquals("user-7", shown.path("user_id").asText());
        assertEquals(original, shown.path("replay_of").asText());
        assertEquals("replayed", json(api.get(INVOCATIONS + original)).path("status").asText());
        assertEquals(id(started), json(api.get("/functions/v1/dead-letters/0-4711")).path("replayed_as").asText());

        var once = api.as(Role.SERVICE, replay).header("Idempotency-Key", "r1").POST(BodyPublishers.noBody());
        var keyed = api.send(once.copy());
        assertEquals(202, keyed.statusCode(), () -> text(keyed));
        json(api.get(INVOCATIONS + id(keyed)));

        platform.execute("UPDATE aerodb.function_invocations SET request_offset = 1000000000 WHERE id = '" + original + "'");
        assertProblem(410, "request_gone", post(replay, ""));
        var repeated = api.send(once.copy());
        assertEquals(202, repeated.statusCode(), () -> text(repeated));
        assertEquals("true", repeated.headers().firstValue("idempotent-replayed").orElse(""));
        assertEquals(id(keyed), id(repeated));
    }

    @Test
    void takesBulkReplaysForSchedulersToRun() {
        api.deployed("parcel-bulk", Functions.ECHO, "{}");
        for (var i = 0; i < 3; i++) {
            api.logRow("parcel-bulk", id(api.invoke("parcel-bulk", "x")));
        }
        var added = post("/functions/v1/replays", "{\"function\": \"parcel-bulk\", \"status\": \"succeeded\", \"limit\": 2, \"rate\": 5}");
        assertEquals(202, added.statusCode(), () -> text(added));
        assertEquals(2, json(added).path("total").asInt());
        assertEquals("running", json(added).path("state").asText());
        var location = added.headers().firstValue("location").orElseThrow();
        assertEquals(json(added), json(api.get(location)));
        var more = post("/functions/v1/replays", "{\"function\": \"parcel-bulk\"}");
        assertEquals(3, json(more).path("total").asInt());
        assertEquals(0, json(post("/functions/v1/replays", "{\"function\": \"parcel-bulk\", \"until\": \"2020-01-01T00:00:00Z\"}")).path("total").asInt());
        var page = json(api.get("/functions/v1/replays?limit=1&after=" + json(more).path("id").asText()));
        assertEquals(json(added).path("id"), page.path("replays").path(0).path("id"));
        assertEquals("cancelled", json(api.delete(location)).path("state").asText());
        assertEquals("cancelled", json(api.delete(location)).path("state").asText());
        platform.query("UPDATE aerodb.replays SET state = 'completed' WHERE id = '" + json(more).path("id").asText() + "' RETURNING 1");
        assertProblem(409, "already_ended", api.delete(more.headers().firstValue("location").orElseThrow()));
        assertProblem(404, "replay_not_found", api.get("/functions/v1/replays/" + UUID.randomUUID()));
        assertProblem(404, "function_not_found", post("/functions/v1/replays", "{\"function\": \"unheard-of\"}"));
        assertProblem(404, "version_not_found", post("/functions/v1/replays", "{\"function\": \"parcel-bulk\", \"version\": 9}"));
        assertProblem(400, "invalid_request", post("/functions/v1/replays", "{\"function\": \"parcel-bulk\", \"status\": \"running\"}"));
        assertProblem(403, "forbidden", api.send(asCaller("/functions/v1/replays")));
    }

    @Test
    void listsAndDiscardsDeadLetters() throws Exception {
        for (var i = 1; i <= 3; i++) {
            platform.execute("INSERT INTO aerodb.dead_letters VALUES (7, " + i + ", '2026-01-0" + i + "', 'broken', 0, NULL, NULL, "
                    + (i < 3 ? "'listed'" : "NULL") + ", 'functions.events', 1, 2)");
        }
        var first = json(api.get("/functions/v1/dead-letters?function=listed&limit=1"));
        assertEquals("7-2", first.path("dead_letters").path(0).path("id").asText());
        var second = json(api.get("/functions/v1/dead-letters?function=listed&limit=1&after=" + first.path("next").asText()));
        assertEquals("7-1", second.path("dead_letters").path(0).path("id").asText());
        assertEquals("broken", json(api.get("/functions/v1/dead-letters/7-3")).path("reason").asText());
        assertEquals(204, api.delete("/functions/v1/dead-letters/7-3").statusCode());
        assertProblem(404, "dead_letter_not_found", api.delete("/functions/v1/dead-letters/7-3"));
        assertProblem(404, "dead_letter_not_found", api.get("/functions/v1/dead-letters/seven"));
        assertProblem(400, "invalid_request", api.get("/functions/v1/dead-letters?after=x"));
        assertProblem(403, "forbidden", api.send(asCaller("/functions/v1/dead-letters")));
    }

    @Test
    void searchesAcrossFunctions() {
        api.deployed("parcel-one", Functions.ECHO, "{}");
        api.deployed("parcel-two", Functions.ECHO, "{}");
        var since = Instant.now();
        var one = id(api.invoke("parcel-one", "x"));
        var two = id(api.invoke("parcel-two", "x"));
        api.logRow("parcel-one", one);
        api.logRow("parcel-two", two);
        var found = json(api.get("/functions/v1/invocations?limit=500&since=" + since)).path("invocations").findValuesAsText("id");
        assertTrue(found.containsAll(List.of(one, two)), found::toString);
        assertEquals(1, json(api.get("/functions/v1/invocations?function=parcel-one")).path("invocations").size());
        assertProblem(403, "forbidden", api.send(asCaller("/functions/v1/invocations")));
    }

    @Test
    void refusesKeyedCallsWhilePostgresIsAwayAndRunsThemLater() throws Exception {
        try (var kafka = TestKafka.own(); var postgres = TestPostgres.own(); var alone = TestPlatform.on(kafka, postgres)) {
            var gateway = alone.startGateway(Map.of());
            alone.startWorker(Map.of());
            gateway.deployed("echo", Functions.ECHO, "{}");
            var keyed = gateway.as(Role.SERVICE, "/functions/v1/invoke/echo").header("Idempotency-Key", "k").POST(BodyPublishers.ofString("x"));
            postgres.stop();
            assertProblem(503, "unavailable", gateway.send(keyed.copy()));
            assertProblem(503, "unavailable", gateway.get(INVOCATIONS + UUID.randomUUID()));
            var accepted = gateway.send(gateway.as(Role.SERVICE, "/functions/v1/invoke/echo").header("Prefer", "respond-async")
                    .POST(BodyPublishers.ofString("x")));
            assertEquals(202, accepted.statusCode(), "the log is enough to take it: " + text(accepted));
            postgres.start();
            Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertEquals(200, gateway.send(keyed.copy()).statusCode()));
            Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() ->
                    assertEquals("succeeded", json(gateway.get(INVOCATIONS + id(accepted))).path("status").asText()));

            kafka.stop();
            assertProblem(503, "unavailable", gateway.send(gateway.as(Role.SERVICE, "/functions/v1/invoke/echo").header("Prefer", "respond-async")
                    .POST(BodyPublishers.ofString("x"))));
            assertProblem(503, "unavailable", gateway.send(gateway.as(Role.SERVICE, "/functions/v1/invoke/echo").header("Idempotency-Key", "k2")
                    .POST(BodyPublishers.ofString("x"))));
            var replay = gateway.as(Role.SERVICE, INVOCATIONS + id(accepted) + "/replay").header("Idempotency-Key", "k3").POST(BodyPublishers.noBody());
            assertProblem(503, "unavailable", gateway.send(replay.copy()));
            kafka.start();
            var replayed = Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> gateway.send(replay.copy()), answer -> answer.statusCode() == 202);
            Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() ->
                    assertEquals("succeeded", json(gateway.get(INVOCATIONS + id(replayed))).path("status").asText()));
            Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertEquals(200, gateway.send(
                    gateway.as(Role.SERVICE, "/functions/v1/invoke/echo").header("Idempotency-Key", "k2").POST(BodyPublishers.ofString("x"))).statusCode()));
        }
    }

    private static HttpRequest.Builder asCaller(String path) {
        return api.as(Role.AUTHENTICATED, path);
    }

    private static HttpResponse<byte[]> ask(String path) {
        return api.send(asCaller(path));
    }

    private static HttpResponse<byte[]> post(String path, String body) {
        return api.send(api.as(Role.SERVICE, path).POST(BodyPublishers.ofString(body)));
    }

    private static HttpResponse<byte[]> async(String function, String payload) {
        return api.send(asCaller("/functions/v1/invoke/" + function).header("Prefer", "respond-async").POST(BodyPublishers.ofString(payload)));
    }

    private static HttpResponse<byte[]> keyed(String key, String payload) {
        return api.send(asCaller("/functions/v1/invoke/parcel").header("Idempotency-Key", key).POST(BodyPublishers.ofString(payload)));
    }

}
