package io.aerodb.functions.gateway.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.gateway.openapi.ApiDocument;
import io.aerodb.functions.gateway.openapi.Operations;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.lifecycle.Health;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.handler.BodyHandler;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpApiTest {

    private static final int MAX_PAYLOAD_BYTES = 1000;
    private static final InvocationId INVOCATION = InvocationId.at(Instant.EPOCH);
    private static final Map<String, RuntimeException> FAILURES = Map.of(
            "problem", new ProblemException(Problem.tooManyRequests("one at a time").retryAfter(7)),
            "invocation", new ProblemException(Problem.inProgress().about(INVOCATION)),
            "function", new InvalidFunctionException("module_rejected", "the module is too clever"),
            "name", new InvalidFunctionException("invalid_name", "the name is taken"),
            "away", new UnavailableException("postgres", new IllegalStateException("password=hunter2 refused at 10.1.2.3")),
            "decoder", new DecoderException("no boundary"),
            "defect", new IllegalStateException("SELECT hunter2 FROM passwords"));

    private static final String OPERATIONS = """
            paths:
              /health/live: {get: {operationId: live}}
              /health/ready: {get: {operationId: ready}}
              /metrics: {get: {operationId: metrics}}
            """;

    private static final SimpleMeterRegistry METRICS = new SimpleMeterRegistry();
    private static LocalServer server;
    private static volatile boolean databaseUp;

    @BeforeAll
    static void start() {
        server = new LocalServer(router -> {
            HttpApi.mountErrors(router, MAX_PAYLOAD_BYTES);
            var operations = new Operations(ApiDocument.parse(OPERATIONS));
            new HealthHandler(new Health().dependency("kafka", () -> true).dependency("postgres", () -> databaseUp),
                    () -> "http_requests_total 7\n").register(operations);
            operations.bind(router, new RequestMetrics(METRICS)::of);
            router.get("/ok").handler(context -> Answers.json(context, 201, new JsonObject().put("a", 1)));
            router.get("/query").handler(context -> context.end(String.valueOf(context.queryParams().size())));
            router.delete("/things/all").handler(context -> context.end());
            router.get("/things/:id").handler(context -> context.end());
            router.put("/things/:id").handler(context -> context.end());
            router.post("/things/:id/parts/*").handler(context -> context.end());
            router.get("/throws/:what").handler(context -> {
                throw FAILURES.get(context.pathParam("what"));
            });
            router.get("/fails/:what").handler(context -> context.vertx().runOnContext(_ -> context.fail(FAILURES.get(context.pathParam("what")))));
            router.get("/late/:what").handler(context -> context.end("sent already")
                    .onComplete((_, _) -> Answers.failure(context, FAILURES.get(context.pathParam("what")))));
            router.post("/payload").handler(BodyHandler.create(false).setBodyLimit(MAX_PAYLOAD_BYTES)).handler(context -> context.end("taken"));
        });
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void answersWithJson() {
        var answer = server.get("/ok");
        assertEquals(201, answer.status());
        assertEquals("application/json", answer.header("content-type"));
        assertEquals("{\"a\":1}", answer.text());
    }

    @ParameterizedTest
    @CsvSource({"problem,429,too_many_requests,one at a time", "function,422,module_rejected,the module is too clever",
        "name,400,invalid_name,the name is taken", "away,503,unavailable,postgres is unavailable; try again",
        "decoder,400,invalid_request,the body cannot be decoded", "defect,500,internal_error,the error has been logged"})
    void turnsEachExceptionIntoItsProblem(String what, int status, String code, String detail) {
        for (var path : new String[] {"/throws/" + what, "/fails/" + what}) {
            var answer = server.get(path);
            assertProblem(answer, status, code);
            assertEquals(detail, answer.json().getString("detail"));
        }
    }

    @Test
    void keepsWhatOnlyWeMayKnowToItself() {
        for (var path : new String[] {"/throws/defect", "/fails/defect", "/throws/away"}) {
            var answer = server.get(path);
            for (var secret : new String[] {"hunter2", "IllegalState", "java", "\tat ", "10.1.2.3"}) {
                assertFalse(answer.text().contains(secret), answer.text());
            }
        }
    }

    @Test
    void tellsWhenToTryAgain() {
        assertEquals("7", server.get("/throws/problem").header("retry-after"));
        assertEquals("1", server.get("/throws/away").header("retry-after"));
        assertEquals("", server.get("/throws/defect").header("retry-after"));
    }

    @Test
    void namesTheInvocationThatAProblemIsAbout() {
        var answer = server.get("/throws/invocation");
        assertProblem(answer, 409, "in_progress");
        assertEquals(INVOCATION.toString(), answer.header("x-invocation-id"));
        assertEquals(INVOCATION.toString(), answer.json().getString("invocation_id"));
        assertEquals("", server.get("/throws/problem").header("x-invocation-id"));
    }

    @Test
    void saysNothingMoreOnceTheAnswerIsSent() {
        var answer = server.get("/late/defect");
        assertEquals(200, answer.status());
        assertEquals("sent already", answer.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/nothing", "/functions/v2", "/%E2%82%AC", "/a%22b<script>"})
    void answers404ForWhatIsNotThere(String path) {
        var answer = server.get(path);
        assertProblem(answer, 404, "not_found");
        assertTrue(answer.json().getString("detail").contains("no operation is at /"), answer.text());
    }

    @Test
    void answers405ForAnotherMethod() {
        var answer = server.send("DELETE", "/ok", "");
        assertProblem(answer, 405, "method_not_allowed");
        assertEquals("DELETE is not allowed here", answer.json().getString("detail"));
        assertEquals("GET", answer.header("allow"));
        assertEquals("GET, PUT", server.send("DELETE", "/things/7", "").header("allow"));
        assertEquals("DELETE, GET, PUT", server.send("POST", "/things/all/", "").header("allow"));
        assertEquals("POST", server.send("PUT", "/things/7/parts/8/9", "").header("allow"));
        assertEquals("", server.get("/nothing").header("allow"));
    }

    @Test
    void answers400ForAQueryThatIsNone() {
        assertProblem(server.get("/query?a=%zz"), 400, "invalid_request");
        assertProblem(server.get("/%"), 400, "invalid_request");
    }

    @Test
    void answers413ForATooLargePayloadBeforeItIsSent() {
        var answer = server.raw(("POST /payload HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + (MAX_PAYLOAD_BYTES + 1) + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        assertProblem(answer, 413, "payload_too_large");
        assertTrue(answer.json().getString("detail").contains("1000 bytes"), answer.text());
        assertEquals("close", answer.header("connection"));
    }

    @Test
    void answers413ForAPayloadThatTurnsOutTooLarge() {
        var chunk = "100\r\n" + "x".repeat(256) + "\r\n";
        var answer = server.raw(("POST /payload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk.repeat(5))
                .getBytes(StandardCharsets.US_ASCII));
        assertProblem(answer, 413, "payload_too_large");
    }

    @Test
    void takesAPayloadOfExactlyTheLimit() {
        assertEquals("taken", server.send("POST", "/payload", "x".repeat(MAX_PAYLOAD_BYTES)).text());
    }

    @Test
    void isLiveWhateverIsAway() {
        databaseUp = false;
        assertEquals(200, server.get("/health/live").status());
        assertEquals("live", server.get("/health/live").json().getString("status"));
    }

    @Test
    void isReadyOnlyWhileEverythingIsThere() {
        databaseUp = true;
        assertEquals(200, server.get("/health/ready").status());
        databaseUp = false;
        var answer = server.get("/health/ready");
        assertEquals(503, answer.status());
        assertEquals(new JsonObject().put("kafka", "up").put("postgres", "down"), answer.json().getJsonObject("dependencies"));
    }

    @Test
    void showsTheMetricsAsPrometheusText() {
        var answer = server.get("/metrics");
        assertTrue(answer.header("content-type").startsWith("text/plain; version=0.0.4"), answer.header("content-type"));
        assertEquals("http_requests_total 7\n", answer.text());
    }

    @Test
    void measuresRequestsByOperationAndAnswer() {
        databaseUp = false;
        var before = requests("ready", "5xx");
        server.get("/health/ready");
        await().until(() -> requests("ready", "5xx") == before + 1);
    }

    private static long requests(String operation, String status) {
        var timer = METRICS.find("gateway.requests").tags("operation", operation, "status", status).timer();
        return timer == null ? 0 : timer.count();
    }

    private static void assertProblem(LocalServer.Answer answer, int status, String code) {
        assertEquals(status, answer.status(), answer.text());
        assertEquals("application/problem+json", answer.header("content-type"));
        assertEquals(code, answer.json().getString("code"));
        assertEquals(status, answer.json().getInteger("status"));
    }
}
