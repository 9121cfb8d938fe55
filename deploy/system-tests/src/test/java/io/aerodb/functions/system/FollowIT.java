package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Following invocations live; the test tells of them in the place of workers. */
class FollowIT {

    private static final Map<String, String> FEW = Map.of("AEROFN_GATEWAY_MAX_FOLLOWERS_PER_CALLER", "6");

    private static TestPlatform platform;
    private static Api api;
    private static Producer<byte[], byte[]> producer;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(FEW);
        producer = new Kafka(platform.kafkaBootstrap(), "test").producer(Duration.ofSeconds(10), Duration.ofSeconds(10), 8 << 20);
    }

    @AfterAll
    static void stop() {
        producer.close();
        platform.close();
    }

    @Test
    void tellsOfInvocationsAsTheyEndHoweverEarlyTheyWereAccepted() throws Exception {
        deploy("live");
        try (var stream = EventClient.open(api, "/functions/v1/live/logs", null)) {
            var now = Instant.now();
            var first = tell("live", "succeeded", now);
            var late = tell("live", "failed", now.minus(Duration.ofHours(3)));
            tell("other", "succeeded", now);
            stream.await(2);
            assertEquals(List.of(first, late).stream().sorted().toList(), stream.invocations().stream().sorted().toList());
            var event = stream.await(2).getFirst();
            assertEquals("invocation", event.name());
            assertEquals("live", event.data().path("function").asText());
            assertEquals("a line", event.data().path("log").path(0).path("message").asText());
        }
    }

    @Test
    void opensNoStreamForHead() {
        deploy("headless");
        for (var i = 0; i < 10; i++) { // more than there are places for one caller
            var head = api.send(api.as(Role.SERVICE, "/functions/v1/headless/logs").header("Accept", "text/event-stream").HEAD());
            assertEquals(200, head.statusCode());
            assertEquals("application/json", head.headers().firstValue("content-type").orElse(""));
        }
    }

    @Test
    void filtersLikeThePages() throws Exception {
        deploy("picky");
        var since = Instant.now().minusSeconds(60).truncatedTo(ChronoUnit.SECONDS);
        try (var failed = EventClient.open(api, "/functions/v1/picky/logs?status=failed", null);
                var recent = EventClient.open(api, "/functions/v1/picky/logs?since=" + since, null);
                var scheduled = EventClient.open(api, "/functions/v1/picky/logs?trigger=schedule", null)) {
            var old = tell("picky", "failed", since.minusSeconds(1));
            var fresh = tell("picky", "succeeded", since);
            failed.await(1);
            recent.await(1);
            assertEquals(List.of(old), failed.invocations());
            assertEquals(List.of(fresh), recent.invocations());
            assertEquals(List.of(), scheduled.invocations());
        }
    }

    @Test
    void goesOnWhereAStreamEndedWithoutGapOrRepeat() throws Exception {
        deploy("resumed");
        var told = new ArrayList<String>();
        var seen = new ArrayList<String>();
        String cursor = null;
        for (var round = 0; round < 4; round++) {
            try (var stream = EventClient.open(api, "/functions/v1/resumed/logs", cursor)) {
                for (var i = 0; i < 20; i++) {
                    told.add(tell("resumed", "succeeded", Instant.now()));
                }
                var expected = told.size() - seen.size();
                var events = stream.await(expected / 2).subList(0, expected / 2); // as if the client had got no more than that
                events.forEach(event -> seen.add(event.data().path("id").asText()));
                cursor = events.getLast().id();
            }
            told.add(tell("resumed", "succeeded", Instant.now())); // while nobody follows
        }
        try (var stream = EventClient.open(api, "/functions/v1/resumed/logs", cursor)) {
            stream.await(told.size() - seen.size());
            seen.addAll(stream.invocations());
        }
        assertEquals(told.stream().sorted().toList(), seen.stream().sorted().toList());
    }

    @Test
    void goesOnAtAnotherGatewayThatHasSeenNothing() throws Exception {
        deploy("moved");
        var told = new ArrayList<String>();
        String cursor;
        try (var stream = EventClient.open(api, "/functions/v1/moved/logs", null)) {
            Awaitility.await().until(() -> !stream.lastEventId().isEmpty());
            cursor = stream.lastEventId();
        }
        for (var i = 0; i < 600; i++) {
            told.add(tell("moved", "succeeded", Instant.now()));
        }
        var other = platform.startGateway(Map.of());
        try (var stream = EventClient.open(other, "/functions/v1/moved/logs", cursor)) {
            for (var i = 0; i < 50; i++) {
                told.add(tell("moved", "succeeded", Instant.now()));
            }
            stream.await(650);
            assertEquals(told.stream().sorted().toList(), stream.invocations().stream().sorted().toList());
        }
    }

    @Test
    void passesOverRecordsThatAreNoneOfOurs() throws Exception {
        deploy("noisy");
        try (var stream = EventClient.open(api, "/functions/v1/noisy/logs", null)) {
            for (var partition = 0; partition < 2; partition++) {
                producer.send(new ProducerRecord<>(Topics.INVOCATIONS, partition, null, "noise".getBytes(StandardCharsets.UTF_8))).get();
            }
            var id = tell("noisy", "succeeded", Instant.now());
            stream.await(1);
            assertEquals(List.of(id), stream.invocations());
        }
    }

    @Test
    void showsThatItIsAliveAndWhereItIs() throws Exception {
        deploy("quiet");
        try (var stream = EventClient.open(api, "/functions/v1/quiet/logs", null)) {
            Awaitility.await().until(() -> !stream.lastEventId().isEmpty());
            var before = stream.lastEventId();
            tell("not-quiet", "succeeded", Instant.now());
            Awaitility.await().atMost(Duration.ofSeconds(40)).until(() -> stream.comments().contains("heartbeat"));
            Awaitility.await().until(() -> !stream.lastEventId().equals(before));
            assertEquals(List.of(), stream.invocations());
        }
    }

    @Test
    void endsWhenTheFunctionIsRemoved() throws Exception {
        deploy("doomed");
        try (var stream = EventClient.open(api, "/functions/v1/doomed/logs", null)) {
            api.delete("/functions/v1/doomed");
            assertEquals("function_deleted", stream.awaitEnd());
        }
        assertProblem(404, "function_not_found", follow("/functions/v1/doomed/logs", null));
    }

    @Test
    void endsWhenTheGatewayIsStopped() throws Exception {
        deploy("stopped");
        var alone = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        try {
            var gateway = alone.startGateway(Map.of());
            gateway.deployed("stopped", Functions.ECHO, "{}");
            try (var stream = EventClient.open(gateway, "/functions/v1/stopped/logs", null)) {
                alone.close();
                assertEquals("stopping", stream.awaitEnd());
            }
        } finally {
            alone.close();
        }
    }

    @Test
    void letsASlowReaderGoAndKeepsTheOthers() throws Exception {
        deploy("flood");
        try (var slow = new Socket("127.0.0.1", api.url().getPort());
                var fast = EventClient.open(api, "/functions/v1/flood/logs?status=failed", null)) {
            slow.getOutputStream().write(("GET /functions/v1/flood/logs HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: Bearer "
                    + Api.token(Role.SERVICE) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            Awaitility.await().until(() -> slow.getInputStream().available() > 0);
            var line = "x".repeat(60_000);
            for (var i = 0; i < 900; i++) { // 54 MB, which is more than sockets and gateway keep
                producer.send(EntryCodec.encode(entry("flood", "succeeded", Instant.now(), line)));
            }
            var last = tell("flood", "failed", Instant.now());
            fast.await(1);
            assertEquals(List.of(last), fast.invocations());
            slow.setSoTimeout(30_000);
            assertTrue(isOver(slow), "the stream has ended");
        }
    }

    @Test
    void lendsOneCallerOnlySoManyStreams() throws Exception {
        deploy("crowded");
        var streams = new ArrayList<EventClient>();
        try {
            for (var i = 0; i < 6; i++) {
                streams.add(EventClient.open(api, "/functions/v1/crowded/logs", null));
            }
            var refusal = follow("/functions/v1/crowded/logs", null);
            assertProblem(429, "too_many_requests", refusal);
            assertTrue(refusal.headers().firstValue("retry-after").isPresent());
        } finally {
            for (var stream : streams) {
                stream.close();
            }
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() ->
                EventClient.open(api, "/functions/v1/crowded/logs", null).close());
    }

    @Test
    void refusesWhatMakesNoSense() {
        deploy("strict");
        assertProblem(400, "invalid_request", follow("/functions/v1/strict/logs?limit=5", null));
        assertProblem(400, "invalid_request", follow("/functions/v1/strict/logs?after=x", null));
        assertProblem(400, "invalid_request", follow("/functions/v1/strict/logs?status=fine", null));
        assertProblem(400, "invalid_request", follow("/functions/v1/strict/logs", "yesterday"));
        assertProblem(400, "invalid_request", follow("/functions/v1/strict/logs", "1.2.3.4.5.6.7.8"));
        assertProblem(404, "function_not_found", follow("/functions/v1/never-there/logs", null));
        var request = api.as(Role.AUTHENTICATED, "/functions/v1/strict/logs").header("Accept", "text/event-stream");
        assertProblem(403, "forbidden", api.send(request));
        assertFalse(Api.text(api.send(api.as(Role.SERVICE, "/functions/v1/strict/logs").header("Accept", "*/*"))).contains("event:"));
    }

    /** Reads what is left on a connection. @return whether its other end has ended the answer, or hung up */
    private static boolean isOver(Socket socket) throws IOException {
        var tail = "";
        var bytes = new byte[1 << 16];
        try {
            for (var read = socket.getInputStream().read(bytes); read >= 0; read = socket.getInputStream().read(bytes)) {
                tail = (tail + new String(bytes, 0, read, StandardCharsets.UTF_8));
                tail = tail.substring(Math.max(0, tail.length() - 1000));
                if (tail.endsWith("0\r\n\r\n")) {
                    return tail.contains("too_slow");
                }
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    private static HttpResponse<byte[]> follow(String path, @Nullable String lastEventId) {
        var request = api.as(Role.SERVICE, path).header("Accept", "application/json;q=0.5, text/event-stream");
        return api.send(lastEventId == null ? request : request.header("Last-Event-ID", lastEventId));
    }

    private static void deploy(String name) {
        api.deployed(name, Functions.ECHO, "{}");
    }

    /** Returns once it is on the outcome log. */
    private static String tell(String function, String status, Instant acceptedAt) throws Exception {
        var entry = entry(function, status, acceptedAt, "a line");
        producer.send(EntryCodec.encode(entry)).get();
        return entry.id().toString();
    }

    private static InvocationEntry entry(String function, String status, Instant acceptedAt, String line) {
        var error = status.equals("failed") ? "function_error" : null;
        var accepted = acceptedAt.truncatedTo(ChronoUnit.MICROS);
        return new InvocationEntry(InvocationId.at(accepted).value(), new UUID(1, 2), function, 1, "http", status, error, error, "anon", null, null, 1,
                accepted, accepted, Instant.now(), 1, 1, 1, List.of(new LogLine(LogLine.Level.INFO, 0, line)), false,
                new RecordPosition(Topics.INVOKE, 0, 0), "test");
    }
}
