package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.id;
import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.ReplyCodec;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.lifecycle.ShutdownSequence;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Invocations on the events lane that no worker has taken: there is only a recorder here, and what workers do is written by hand.
 */
class PendingInvocationIT {

    private static final String INVOCATIONS = "/functions/v1/invocations/";
    private static final ShutdownSequence PARTS = new ShutdownSequence();
    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        platform = PARTS.add("platform", TestPlatform.on(TestKafka.shared(), TestPostgres.shared()));
        api = platform.startGateway(Map.of());
        PARTS.add("recorder", platform.startRecorder());
        api.deployed("parcel", Functions.ECHO, "{}");
    }

    @AfterAll
    static void stop() {
        PARTS.close();
    }

    @Test
    void answersAtOnceAndTellsLaterWhatBecameOfIt() throws Exception {
        var accepted = async("parcel", "{\"a\": 1}");
        assertEquals(202, accepted.statusCode(), () -> text(accepted));
        assertEquals("respond-async", accepted.headers().firstValue("preference-applied").orElse(""));
        var location = accepted.headers().firstValue("location").orElseThrow();
        assertEquals(INVOCATIONS + id(accepted), location);
        assertEquals("accepted", json(accepted).path("status").asText());

        var shown = json(ask(location));
        assertEquals("accepted", shown.path("status").asText());
        assertEquals(Topics.EVENTS, shown.path("request").path("topic").asText());
        assertTrue(shown.path("result").isNull() && shown.path("finished_at").isNull(), shown::toString);
        assertProblem(409, "in_progress", ask(location + "/result"));
        assertEquals("accepted", json(ask(location + "?wait=200ms")).path("status").asText());

        var waiting = Api.HTTP.sendAsync(asCaller(location + "?wait=60s").build(), BodyHandlers.ofByteArray());
        succeed(id(accepted), "{\"statusCode\": 201, \"headers\": {\"x-own\": \"yes\"}, \"body\": {\"b\": 2}}");
        var ended = json(waiting.get(60, TimeUnit.SECONDS));
        assertEquals("succeeded", ended.path("status").asText());
        assertEquals(201, ended.path("result").path("status").asInt());
        assertEquals("yes", ended.path("result").path("headers").path("x-own").asText());
        assertEquals(2, ended.path("result").path("body").path("b").asInt());

        var result = ask(location + "/result");
        assertEquals(201, result.statusCode(), () -> text(result));
        assertEquals("{\"b\":2}", new String(result.body(), StandardCharsets.UTF_8));
        assertEquals("yes", result.headers().firstValue("x-own").orElse(""));
        assertEquals(id(accepted), id(result));

        platform.execute("UPDATE aerodb.function_invocations SET result_offset = 1000000000 WHERE id = '" + id(accepted) + "'");
        assertProblem(410, "result_gone", ask(location + "/result"));
        assertTrue(json(ask(location)).path("result").isNull());
    }

    @Test
    void cancelsWhatHasNotStarted() throws Exception {
        var location = INVOCATIONS + id(async("parcel", "never"));
        var cancelled = api.send(asCaller(location).DELETE());
        assertEquals(200, cancelled.statusCode(), () -> text(cancelled));
        assertEquals("cancelled", json(cancelled).path("status").asText());
        assertEquals(List.of(List.of("cancelled", Integer.MAX_VALUE)), platform.query(
                "SELECT worker, attempt FROM aerodb.invocation_claims WHERE id = '" + json(cancelled).path("id").asText() + "'"));
        assertEquals(200, api.send(asCaller(location).DELETE()).statusCode());
        assertProblem(409, "cancelled", ask(location + "/result"));

        var started = id(async("parcel", "started"));
        json(ask(INVOCATIONS + started));
        claim(started, 1);
        assertEquals("running", json(ask(INVOCATIONS + started)).path("status").asText());
        assertProblem(409, "already_started", api.send(asCaller(INVOCATIONS + started).DELETE()));
        succeed(started, "done");
        assertProblem(409, "already_ended", api.send(asCaller(INVOCATIONS + started).DELETE()));
    }

    @Test
    void cancelsARetryButNotOneThatRuns() throws Exception {
        var id = id(async("parcel", "retried"));
        json(ask(INVOCATIONS + id));
        claim(id, 1);
        platform.execute("UPDATE aerodb.function_invocations SET status = 'scheduled', finished_at = now(), retry_at = now() + interval '1 hour', "
                + "error_code = 'function_timeout', error_message = 'late' WHERE id = '" + id + "'");
        platform.execute("INSERT INTO aerodb.due_invocations SELECT id, 2, retry_at, accepted_at, function_id, function, request_topic, "
                + "request_partition, request_offset FROM aerodb.function_invocations WHERE id = '" + id + "'");
        var scheduled = json(ask(INVOCATIONS + id));
        assertEquals("scheduled", scheduled.path("status").asText());
        assertTrue(scheduled.hasNonNull("retry_at"), scheduled::toString);
        platform.execute("UPDATE aerodb.invocation_claims SET attempt = 2 WHERE id = '" + id + "'");
        var running = json(ask(INVOCATIONS + id));
        assertEquals("running", running.path("status").asText());
        assertTrue(!running.has("retry_at"), running::toString);
        assertProblem(409, "already_started", api.send(asCaller(INVOCATIONS + id).DELETE()));
        platform.execute("UPDATE aerodb.invocation_claims SET attempt = 1 WHERE id = '" + id + "'");
        var cancelled = json(api.send(asCaller(INVOCATIONS + id).DELETE()));
        assertEquals("cancelled", cancelled.path("status").asText());
        assertEquals("cancelled", cancelled.path("error").path("code").asText());
        assertEquals(2, cancelled.path("attempt").asInt());
        assertEquals("function_timeout", cancelled.path("past_attempts").path(0).path("error").path("code").asText(), cancelled::toString);
        assertEquals(cancelled.path("past_attempts"), json(ask(INVOCATIONS + id)).path("past_attempts"));
        assertEquals(List.of(), platform.query("SELECT id FROM aerodb.due_invocations WHERE id = '" + id + "'"));
    }

    @Test
    void tellsARepeatThatTheFirstStillRuns() {
        var key = UUID.randomUUID().toString();
        var call = asCaller("/functions/v1/parcel").header("Idempotency-Key", key).POST(BodyPublishers.ofString("slow"));
        var first = api.send(call.copy().header("Prefer", "respond-async"));
        assertEquals(202, first.statusCode(), () -> text(first));
        var sync = api.send(call.copy());
        assertProblem(409, "in_progress", sync);
        assertEquals("1", sync.headers().firstValue("retry-after").orElse(""));
        assertEquals(first.headers().firstValue("location"), sync.headers().firstValue("location"));
        json(ask(INVOCATIONS + id(first)));
        var async = api.send(call.copy().header("Prefer", "respond-async"));
        assertEquals(202, async.statusCode());
        assertEquals("true", async.headers().firstValue("idempotent-replayed").orElse(""));
        assertEquals(id(first), id(async));
    }

    @Test
    void theCommandLineShowsCancelsAndReplays() throws Exception {
        var started = aerofn("invoke", "parcel", "-d", "x", "--async", "--idempotency-key", "from the command line");
        assertEquals(0, started.status(), started::output);
        var id = Api.MAPPER.readTree(started.output()).path("id").asText();
        assertTrue(aerofn("invocation", "show", id).output().contains("accepted"));
        assertTrue(aerofn("invocation", "replay", id).output().contains("409 in_progress"));
        assertEquals(0, aerofn("invocation", "cancel", id).status());
        var shown = aerofn("invocation", "show", id, "--wait", "5s");
        assertTrue(shown.output().contains("cancelled"), shown::output);
        var replayed = aerofn("invocation", "replay", id, "--version-to-run", "active");
        assertTrue(replayed.output().contains("runs again as"), replayed::output);
        platform.execute("INSERT INTO aerodb.dead_letters VALUES (8, 1, now(), 'unreadable', 0, NULL, NULL, NULL, 'functions.events', 1, 2)");
        assertTrue(aerofn("dead-letters", "list").output().contains("unreadable"));
        assertEquals(0, aerofn("dead-letters", "discard", "8-1").status());
        var gone = aerofn("dead-letters", "discard", "8-1");
        assertEquals(1, gone.status());
        assertTrue(gone.output().contains("404 dead_letter_not_found"), gone::output);
    }

    @Test
    void letsManyWaitWithoutKeepingOthersWaiting() throws Exception {
        var location = INVOCATIONS + id(async("parcel", "awaited"));
        assertEquals(200, ask(location).statusCode());
        var waiting = IntStream.rangeClosed(0, 200)
                .mapToObj(_ -> Api.HTTP.sendAsync(asCaller(location + "?wait=60s").build(), BodyHandlers.ofByteArray())).toList();
        for (var i = 0; i < 20; i++) {
            assertEquals(200, api.get("/functions/v1?limit=1").statusCode());
        }
        CompletableFuture.anyOf(waiting.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
        var tooMany = waiting.stream().filter(CompletableFuture::isDone).toList();
        assertEquals(1, tooMany.size());
        assertProblem(429, "too_many_requests", tooMany.getFirst().get());
        assertEquals(200, api.get(location + "?wait=1ms").statusCode(), "one caller keeps no other out");
        assertEquals(200, ask(location).statusCode(), "who does not wait is answered");
        succeed(location.substring(INVOCATIONS.length()), "done");
        for (var one : waiting) {
            if (one != tooMany.getFirst()) {
                assertEquals("succeeded", json(one.get(60, TimeUnit.SECONDS)).path("status").asText());
            }
        }
    }

    private static AerofnCommand.Ended aerofn(String... arguments) throws Exception {
        return AerofnCommand.run(Map.of("AEROFN_URL", api.url().toString(), "AEROFN_TOKEN", Api.token(Role.SERVICE)), arguments);
    }

    private static HttpRequest.Builder asCaller(String path) {
        return api.as(Role.AUTHENTICATED, path);
    }

    private static HttpResponse<byte[]> ask(String path) {
        return api.send(asCaller(path));
    }

    private static HttpResponse<byte[]> async(String function, String payload) {
        return api.send(asCaller("/functions/v1/invoke/" + function).header("Prefer", "respond-async").POST(BodyPublishers.ofString(payload)));
    }

    /** As a worker claims it. */
    private static void claim(String id, int attempt) throws Exception {
        platform.execute("INSERT INTO aerodb.instances (name, service, lease_until, renewed_since) VALUES ('worker-by-hand', 'worker', now() + interval '1 hour', now()) ON CONFLICT DO NOTHING");
        platform.execute("INSERT INTO aerodb.invocation_claims (id, accepted_at, attempt, worker) SELECT id, accepted_at, " + attempt
                + ", 'worker-by-hand' FROM aerodb.function_invocations WHERE id = '" + id + "'");
    }

    /** As a worker ends it: the output on the replies topic, then its place in the row. */
    private static void succeed(String id, String output) throws Exception {
        var reply = new Reply(new InvocationId(UUID.fromString(id)), 1, Duration.ofMillis(1), Duration.ofMillis(1),
                new Outcome.Succeeded(output.getBytes(StandardCharsets.UTF_8)));
        try (var producer = new Kafka(platform.kafkaBootstrap(), "test").producer(Duration.ofSeconds(10), Duration.ofSeconds(10), 1 << 20)) {
            var position = producer.send(ReplyCodec.encode(new ReplyAddress(Topics.REPLIES, 1), Instant.now(), reply)).get();
            platform.execute("UPDATE aerodb.function_invocations SET status = 'succeeded', error_code = NULL, error_message = NULL, finished_at = now(), "
                    + "result_topic = '" + position.topic() + "', result_partition = " + position.partition() + ", result_offset = " + position.offset()
                    + " WHERE id = '" + id + "'");
        }
    }
}
