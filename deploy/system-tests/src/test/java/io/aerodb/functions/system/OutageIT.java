package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Kafka or PostgreSQL goes away and comes back, and nobody restarts us. */
class OutageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** What the API promises, and some room for a busy machine. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(4);

    @Test
    void answers503WhileKafkaIsAwayAndRecoversByItself() throws Exception {
        try (var kafka = TestKafka.own(); var platform = TestPlatform.on(kafka, TestPostgres.shared())) {
            var api = platform.startGateway(Map.of());
            platform.startWorker(Map.of());
            api.deployed("echo", Functions.ECHO, "{}");
            assertEquals(200, api.invoke("echo", "before").statusCode());

            kafka.stop();
            for (var i = 0; i < 3; i++) {
                var refused = within(ANSWER_WITHIN, () -> api.invoke("echo", "during"));
                assertProblem(503, "unavailable", refused);
                assertTrue(refused.headers().firstValue("retry-after").isPresent());
            }
            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
                var ready = api.send(api.request("/health/ready"));
                assertEquals(503, ready.statusCode(), text(ready));
                assertEquals("down", json(ready).path("dependencies").path("kafka").asText());
            });

            kafka.start();
            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertEquals("after", new String(api.invoke("echo", "after").body())));
            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertEquals(200, api.send(api.request("/health/ready")).statusCode()));
        }
    }

    @Test
    void goesOnServingWhilePostgresIsAwayAndWritesTheRowsLater() throws Exception {
        try (var postgres = TestPostgres.own(); var platform = TestPlatform.on(TestKafka.shared(), postgres)) {
            var api = platform.startGateway(Map.of());
            platform.startWorker(Map.of());
            api.deployed("echo", Functions.ECHO, "{}");
            assertEquals(200, api.invoke("echo", "before").statusCode());

            postgres.stop();
            List<String> ids = new ArrayList<>();
            for (var i = 0; i < 5; i++) {
                var served = api.invoke("echo", "during");
                assertEquals(200, served.statusCode(), () -> text(served));
                ids.add(Api.id(served));
            }
            assertProblem(503, "unavailable", within(ANSWER_WITHIN, () -> api.deploy("late", Functions.ECHO)));
            assertProblem(503, "unavailable", within(ANSWER_WITHIN, () -> api.get("/functions/v1")));
            assertProblem(503, "unavailable", within(ANSWER_WITHIN, () -> api.invoke("never-heard-of", "")));

            postgres.start();
            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertEquals(201, api.deploy("late", Functions.ECHO).statusCode()));
            for (var id : ids) {
                assertEquals("succeeded", api.logRow("echo", id).path("status").asText());
            }
            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertEquals(200, api.invoke("late", "x").statusCode()));
        }
    }

    private static HttpResponse<byte[]> within(Duration limit, Supplier<HttpResponse<byte[]>> call) {
        var startedAt = System.nanoTime();
        var response = call.get();
        var took = Duration.ofNanos(System.nanoTime() - startedAt);
        assertTrue(took.compareTo(limit) < 0, () -> "it took " + took + " to answer " + text(response));
        return response;
    }
}
