package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.id;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is refused because there is too much of it, or because it keeps failing. */
class AdmissionIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Long enough for another call to be made meanwhile, on a busy machine too. */
    private static final String RUNS_FOR_5_S = "\"timeout_ms\": 5000";

    /** Fails unless its payload is empty. */
    private static final String FAILING_ON_INPUT = """
            (module
              (import "aerodb_v1" "input_read" (func $input_read (param i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "handler") (result i32) (call $input_read (i32.const 0) (i32.const 1024))))""";

    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of("AEROFN_GATEWAY_MAX_IN_FLIGHT_PER_CALLER", "12", "AEROFN_GATEWAY_MAX_PAYLOAD", "6MiB",
                "AEROFN_GATEWAY_MAX_IN_FLIGHT_BYTES", "8MiB", "AEROFN_GATEWAY_QUEUE_TIMEOUT", "60s"));
        platform.startWorker(Map.of());
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void refusesWhatIsOverTheConcurrencyOfAFunctionAndLeavesNoRow() {
        api.deployed("single", Functions.LOOP, "{" + RUNS_FOR_5_S + ", \"concurrency\": 1}");
        var first = invokeLater("single", "");
        awaitInFlight(1);
        var refused = api.invoke("single", "");
        assertTrue(assertProblem(429, "too_many_requests", refused).contains("concurrency of 1"), () -> text(refused));
        assertEquals("1", refused.headers().firstValue("retry-after").orElse(""));
        assertTrue(refused.headers().firstValue("x-invocation-id").isEmpty());
        assertEquals("timed_out", api.logRow("single", id(first.join())).path("status").asText());
        var second = api.invoke("single", "");
        assertProblem(504, "function_timeout", second);
        api.logRow("single", id(second));
        assertEquals(2, api.rows("single").size());
        assertTrue(metric("functions_refused_total{name=\"single\",reason=\"concurrency\",service=\"gateway\"}") >= 1);
    }

    @Test
    void countsACallUntilItsFunctionHasEndedAlthoughItsCallerIsGone() {
        api.deployed("left", Functions.LOOP, "{" + RUNS_FOR_5_S + ", \"concurrency\": 1}");
        var impatient = api.as(Role.AUTHENTICATED, "/functions/v1/left").timeout(Duration.ofSeconds(1)).POST(BodyPublishers.noBody()).build();
        assertThrows(HttpTimeoutException.class, () -> Api.HTTP.send(impatient, BodyHandlers.discarding()));
        assertProblem(429, "too_many_requests", api.invoke("left", ""));
        Awaitility.await().atMost(PATIENCE).until(() -> api.invoke("left", "").statusCode() == 504);
    }

    @Test
    void refusesWhatIsOverTheConcurrencyOfACaller() {
        api.deployed("fair", Functions.LOOP, "{" + RUNS_FOR_5_S + ", \"caller_concurrency\": 1}");
        var first = invokeLater("fair", "");
        awaitInFlight(1);
        assertTrue(assertProblem(429, "too_many_requests", api.invoke("fair", "")).contains("caller_concurrency"));
        assertProblem(504, "function_timeout", api.send(api.request("/functions/v1/fair")
                .header("Authorization", "Bearer " + Api.token(Role.AUTHENTICATED, "user-8")).POST(BodyPublishers.noBody())));
        first.join();
    }

    @Test
    void refusesWhatIsOverTheCallsOfOneCallerOfAllFunctionsButForTheServiceRole() {
        api.deployed("many", Functions.LOOP, "{" + RUNS_FOR_5_S + "}");
        api.deployed("answer", Functions.answering("1", 0), "{}");
        var calls = IntStream.range(0, 12).mapToObj(_ -> invokeLater("many", "")).toList();
        awaitInFlight(12);
        assertTrue(assertProblem(429, "too_many_requests", api.invoke("answer", "")).contains("one caller"));
        assertEquals(200, api.send(api.as(Role.SERVICE, "/functions/v1/answer").POST(BodyPublishers.noBody())).statusCode());
        calls.forEach(CompletableFuture::join);
        assertEquals(200, api.invoke("answer", "").statusCode());
    }

    @Test
    void refusesPayloadsThatWouldTakeTooMuchMemoryTogether() {
        api.deployed("heavy", Functions.LOOP, "{" + RUNS_FOR_5_S + "}");
        var first = invokeLater("heavy", "x".repeat(5 << 20));
        awaitInFlight(1);
        assertTrue(assertProblem(429, "too_many_requests", api.invoke("heavy", "x".repeat(5 << 20))).contains("memory"));
        assertEquals(5 << 20, metric("gateway_payloads_in_flight_bytes{service=\"gateway\"}"));
        first.join();
        assertEquals(0, metric("gateway_payloads_in_flight_bytes{service=\"gateway\"}"));
    }

    @Test
    void refusesWhatIsOverTheRateOfAFunction() {
        api.deployed("rated", Functions.answering("1", 0), "{\"rate_limit\": {\"per_second\": 1, \"burst\": 2}}");
        var answers = IntStream.range(0, 12).mapToObj(_ -> invokeLater("rated", "")).toList().stream().map(CompletableFuture::join).toList();
        var taken = answers.stream().filter(answer -> answer.statusCode() == 200).toList();
        var refused = answers.stream().filter(answer -> answer.statusCode() != 200).toList();
        assertTrue(taken.size() >= 2 && !refused.isEmpty(), () -> taken.size() + " of 12");
        for (var answer : refused) {
            assertTrue(assertProblem(429, "too_many_requests", answer).contains("rate_limit of 1 per second"));
            assertEquals("1", answer.headers().firstValue("retry-after").orElse(""));
        }
        taken.forEach(answer -> api.logRow("rated", id(answer)));
        assertEquals(taken.size(), api.rows("rated").size());
        Awaitility.await().atMost(PATIENCE).until(() -> api.invoke("rated", "").statusCode() == 200);
    }

    @Test
    void opensTheCircuitOfAFunctionThatKeepsFailingAndClosesItWhenItSucceeds() {
        api.deployed("shaky", FAILING_ON_INPUT,
                "{\"circuit_breaker\": {\"failure_percent\": 50, \"min_calls\": 4, \"window_ms\": 600000, \"open_ms\": 5000}}");
        assertEquals(200, api.invoke("shaky", "").statusCode());
        for (var i = 0; i < 3; i++) {
            assertProblem(500, "function_error", api.invoke("shaky", "x"));
        }
        assertOpen();
        Awaitility.await().atMost(PATIENCE).until(() -> api.invoke("shaky", "x").statusCode() == 500); // it tried
        assertOpen();
        assertEquals(5, rowsOf("shaky", 5));
        Awaitility.await().atMost(PATIENCE).until(() -> api.invoke("shaky", "").statusCode() == 200);
        assertEquals(0, metric("functions_circuit_open{name=\"shaky\",service=\"gateway\"}"));
        assertProblem(500, "function_error", api.invoke("shaky", "x"));
        assertEquals(200, api.invoke("shaky", "").statusCode());
    }

    private static void assertOpen() {
        var refused = api.invoke("shaky", "");
        assertTrue(assertProblem(503, "circuit_open", refused).contains("'shaky'"), () -> text(refused));
        var seconds = Integer.parseInt(refused.headers().firstValue("retry-after").orElse("0"));
        assertTrue(seconds >= 1 && seconds <= 5, () -> "" + seconds);
        assertEquals(1, metric("functions_circuit_open{name=\"shaky\",service=\"gateway\"}"));
    }

    /** Once there are so many. */
    private static int rowsOf(String function, int least) {
        return Awaitility.await().atMost(PATIENCE).until(() -> api.rows(function).size(), rows -> rows >= least);
    }

    private static CompletableFuture<HttpResponse<byte[]>> invokeLater(String name, String payload) {
        return Api.HTTP.sendAsync(api.as(Role.AUTHENTICATED, "/functions/v1/" + name).POST(BodyPublishers.ofString(payload)).build(),
                BodyHandlers.ofByteArray());
    }

    private static void awaitInFlight(int calls) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20))
                .until(() -> metric("gateway_invocations_in_flight{service=\"gateway\"}") == calls);
    }

    private static double metric(String series) {
        return new String(api.send(api.request("/metrics")).body()).lines().filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1))).findFirst().orElse(-1);
    }
}
