package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.id;
import static io.aerodb.functions.system.Api.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The invocation log: from records to rows to pages, and what happens to records that are not ours. */
class LogIT {

    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of());
        platform.startWorker(Map.of());
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void showsInvocationsNewestFirstInPages() {
        api.deployed("paged", Functions.ECHO, "{}");
        var ids = new ArrayList<String>();
        for (var i = 0; i < 7; i++) {
            ids.addFirst(id(api.invoke("paged", "x")));
        }
        ids.forEach(id -> api.logRow("paged", id));
        var seen = new LinkedHashSet<String>();
        var after = "";
        do {
            var page = json(api.get("/functions/v1/paged/logs?limit=3" + after));
            page.path("invocations").forEach(row -> seen.add(row.path("id").asText()));
            after = page.path("next").asText("").isEmpty() ? "" : "&after=" + page.path("next").asText();
        } while (!after.isEmpty());
        assertEquals(7, seen.size());
        assertEquals(List.copyOf(new LinkedHashSet<>(ids)).getFirst(), List.copyOf(seen).getFirst());
    }

    @Test
    void pagesWithoutGapOrRepeatWhileRowsArrive() {
        api.deployed("busy", Functions.ECHO, "{}");
        var before = new ArrayList<String>();
        for (var i = 0; i < 20; i++) {
            before.add(id(api.invoke("busy", "x")));
        }
        before.forEach(id -> api.logRow("busy", id));
        var seen = new ArrayList<String>();
        var page = json(api.get("/functions/v1/busy/logs?limit=3"));
        while (true) {
            page.path("invocations").forEach(row -> seen.add(row.path("id").asText()));
            if (!page.hasNonNull("next")) {
                break;
            }
            api.logRow("busy", id(api.invoke("busy", "meanwhile")));
            page = json(api.get("/functions/v1/busy/logs?limit=3&after=" + page.path("next").asText()));
        }
        assertEquals(before.reversed(), seen);
    }

    @Test
    void filters() {
        api.deployed("filtered", Functions.CRASH, "{}");
        api.logRow("filtered", id(api.invoke("filtered", "")));
        assertEquals(1, json(api.get("/functions/v1/filtered/logs?status=failed&trigger=http")).path("invocations").size());
        assertEquals(0, json(api.get("/functions/v1/filtered/logs?status=succeeded")).path("invocations").size());
        assertEquals(0, json(api.get("/functions/v1/filtered/logs?trigger=schedule")).path("invocations").size());
        assertEquals(0, json(api.get("/functions/v1/filtered/logs?since=2999-01-01T00:00:00Z")).path("invocations").size());
        assertEquals(0, json(api.get("/functions/v1/filtered/logs?until=2001-01-01T00:00:00Z")).path("invocations").size());
        assertProblem(400, "invalid_request", api.get("/functions/v1/filtered/logs?status=fine"));
        assertProblem(400, "invalid_request", api.get("/functions/v1/filtered/logs?since=yesterday"));
        assertProblem(400, "invalid_request", api.get("/functions/v1/filtered/logs?after=x"));
        assertProblem(404, "function_not_found", api.get("/functions/v1/unheard-of/logs"));
    }

    @Test
    void writesAnOutcomeOnceHoweverOftenItIsOnTheLog() throws Exception {
        api.deployed("repeated", Functions.ECHO, "{}");
        var completed = completed("repeated", "said\u0000this");
        try (var producer = kafka().producer(Duration.ofSeconds(10), Duration.ofSeconds(10), 1 << 20)) {
            for (var i = 0; i < 3; i++) {
                producer.send(EntryCodec.encode(completed)).get();
            }
        }
        var row = api.logRow("repeated", completed.id().toString());
        assertEquals("said\uFFFDthis", row.path("log").path(0).path("message").asText());
        var marker = id(api.invoke("repeated", "marker"));
        api.logRow("repeated", marker);
        assertEquals(2, api.rows("repeated").size());
    }

    @Test
    void putsAForgedRequestToTheDeadLettersAndGoesOn() throws Exception {
        api.deployed("after-forgery", Functions.ECHO, "{}");
        var before = deadLetters();
        try (var producer = kafka().producer(Duration.ofSeconds(10), Duration.ofSeconds(10), 1 << 20)) {
            for (var partition = 0; partition < 4; partition++) {
                producer.send(new ProducerRecord<>(Topics.INVOKE, partition, null, "noise".getBytes(StandardCharsets.UTF_8))).get();
            }
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertEquals(before + 4, deadLetters()));
        for (var i = 0; i < 12; i++) {
            assertEquals(200, api.invoke("after-forgery", "x").statusCode());
        }
    }

    @Test
    void putsAnUnreadableOutcomeToTheDeadLettersAndGoesOn() throws Exception {
        api.deployed("after-noise", Functions.ECHO, "{}");
        try (var producer = kafka().producer(Duration.ofSeconds(10), Duration.ofSeconds(10), 1 << 20)) {
            for (var partition = 0; partition < 2; partition++) {
                producer.send(new ProducerRecord<>(Topics.INVOCATIONS, partition, null, "noise".getBytes(StandardCharsets.UTF_8))).get();
            }
        }
        for (var i = 0; i < 4; i++) {
            api.logRow("after-noise", id(api.invoke("after-noise", "x")));
        }
    }

    @Test
    void keepsRowsInThePartitionOfTheirDay() {
        api.deployed("daily", Functions.ECHO, "{}");
        var id = id(api.invoke("daily", "x"));
        api.logRow("daily", id);
        var table = platform.query("SELECT tableoid::regclass::text FROM aerodb.function_invocations WHERE id = '" + id + "'").getFirst().getFirst();
        assertTrue(table.toString().matches("aerodb\\.function_invocations_\\d{8}"), table::toString);
    }

    @Test
    void endsARequestThatNobodyTookInTimeAsExpired() throws Exception {
        try (var kafka = TestKafka.own(); var alone = TestPlatform.on(kafka, TestPostgres.shared())) {
            var gateway = alone.startGateway(Map.of("AEROFN_GATEWAY_QUEUE_TIMEOUT", "100ms"));
            gateway.deployed("waiting", Functions.ECHO, "{\"timeout_ms\": 100}");
            var response = gateway.invoke("waiting", "x");
            assertTrue(assertProblem(504, "function_timeout", response).contains("not_started"));
            alone.startWorker(Map.of());
            var row = gateway.logRow("waiting", id(response));
            assertEquals("expired", row.path("status").asText());
            assertTrue(row.path("started_at").isNull());
        }
    }

    private static Kafka kafka() {
        return new Kafka(platform.kafkaBootstrap(), "test");
    }

    private static long deadLetters() throws Exception {
        try (var consumer = kafka().tailingConsumer()) {
            var partition = new TopicPartition(Topics.DEAD_LETTERS, 0);
            return consumer.endOffsets(List.of(partition)).get(partition);
        }
    }

    private static InvocationEntry completed(String function, String line) {
        var now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        return new InvocationEntry(UUID.randomUUID(), UUID.randomUUID(), function, 1, "http", "succeeded", null, null, "anon", null, null, 1,
                now, now, now, 1, 1, 1, List.of(new LogLine(LogLine.Level.INFO, 0, line)), false, new RecordPosition(Topics.INVOKE, 0, 0), "test");
    }
}
