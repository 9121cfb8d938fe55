package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.id;
import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import io.aerodb.functions.testkit.TestPrograms;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** From an HTTP call through Kafka and the sandbox to the answer and the row. */
class InvocationIT {

    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of());
        platform.startWorker(Map.of());
        api.deployed("echo", Functions.ECHO, "{}");
        api.deployed("context", Functions.CONTEXT, "{}");
        api.deployed("answer", Functions.answering("{\"ok\": true}", 0), "{}");
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void answersWithWhatTheFunctionWrote() {
        var response = api.invoke("answer", "");
        assertEquals(200, response.statusCode(), () -> text(response));
        assertEquals("{\"ok\": true}", new String(response.body()));
        assertEquals("application/json", response.headers().firstValue("content-type").orElse(""));
        assertEquals("1", response.headers().firstValue("x-function-version").orElse(""));
        assertTrue(response.headers().firstValue("server-timing").orElse("").matches("queue;dur=\\d+\\.\\d{3}, run;dur=\\d+\\.\\d{3}"));
    }

    @Test
    void logsEveryInvocation() {
        var row = api.logRow("answer", id(api.invoke("answer", "")));
        assertEquals("succeeded", row.path("status").asText());
        assertEquals("http", row.path("trigger").asText());
        assertEquals("authenticated", row.path("role").asText());
        assertEquals("user-7", row.path("user_id").asText());
        assertEquals(1, row.path("attempt").asInt());
        assertEquals(65536, row.path("memory_peak_bytes").asInt());
        assertTrue(row.path("duration_ms").asDouble() > 0);
        assertEquals("about to answer", row.path("log").path(0).path("message").asText());
        assertEquals("info", row.path("log").path(0).path("level").asText());
        assertEquals("functions.invoke", row.path("request").path("topic").asText());
        assertFalse(row.has("error"));
    }

    @Test
    void carriesBytesAsTheyAre() {
        var payload = new byte[100_000];
        new Random(7).nextBytes(payload);
        var response = api.send(api.as(Role.ANON, "/functions/v1/echo").POST(BodyPublishers.ofByteArray(payload)));
        assertEquals(200, response.statusCode());
        assertEquals("application/octet-stream", response.headers().firstValue("content-type").orElse(""));
        assertArrayEquals(payload, response.body());
    }

    @Test
    void tellsTheFunctionWhatWasCalledAndByWhom() {
        var response = api.send(api.as(Role.AUTHENTICATED, "/functions/v1/invoke/context/a/b?x=1&y=%20")
                .header("X-Color", "blue").header("Cookie", "session=secret")
                .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").PUT(BodyPublishers.ofString("x")));
        var context = json(response);
        assertEquals(id(response), context.path("invocation_id").asText());
        assertEquals("context", context.path("function").asText());
        assertEquals("PUT", context.path("http").path("method").asText());
        assertEquals("/a/b", context.path("http").path("path").asText());
        assertEquals("x=1&y=%20", context.path("http").path("query").asText());
        assertEquals("authenticated", context.path("role").asText());
        assertEquals("user-7", context.path("claims").path("sub").asText());
        assertEquals("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", context.path("traceparent").asText());
        assertTrue(context.path("http").path("headers").toString().contains("[\"x-color\",\"blue\"]"), context::toPrettyString);
        assertFalse(context.toString().contains("secret"), context::toPrettyString);
        assertFalse(context.toString().contains("Bearer"), context::toPrettyString);
    }

    @Test
    void endsAnEndlessLoopAndServesTheNextCall() {
        api.deployed("loop", Functions.LOOP, "{\"timeout_ms\": 200}");
        var response = api.invoke("loop", "");
        assertTrue(assertProblem(504, "function_timeout", response).contains("200 ms"), () -> text(response));
        assertEquals(id(response), json(response).path("invocation_id").asText());
        assertEquals("timed_out", api.logRow("loop", id(response)).path("status").asText());
        assertEquals(200, api.invoke("answer", "").statusCode());
    }

    @Test
    void stopsAMemoryHogAndServesTheNextCall() {
        api.deployed("hog", Functions.HOG, "{\"memory_mb\": 8}");
        var response = api.invoke("hog", "");
        assertProblem(507, "memory_limit_exceeded", response);
        var row = api.logRow("hog", id(response));
        assertEquals("memory_exceeded", row.path("status").asText());
        assertTrue(row.path("memory_peak_bytes").asLong() <= 8 << 20, row::toPrettyString);
        assertEquals(200, api.invoke("answer", "").statusCode());
    }

    @Test
    void reportsATrapAndServesTheNextCall() {
        api.deployed("crash", Functions.CRASH, "{}");
        var response = api.invoke("crash", "");
        assertProblem(500, "function_error", response);
        assertEquals("function_error", api.logRow("crash", id(response)).path("error").path("code").asText());
        assertEquals(200, api.invoke("answer", "").statusCode());
    }

    @Test
    void survivesEndlessRecursion() {
        api.deployed("recursion", Functions.RECURSION, "{}");
        assertTrue(assertProblem(500, "function_error", api.invoke("recursion", "")).contains("stack"));
        assertEquals(200, api.invoke("answer", "").statusCode());
    }

    @Test
    void reportsAFunctionThatFailsWithWhatItWrote() {
        api.deployed("failing", Functions.answering("no stock", 3), "{}");
        var response = api.invoke("failing", "");
        assertTrue(assertProblem(500, "function_error", response).contains("3"));
        assertEquals("no stock", json(response).path("output").asText());
    }

    @Test
    void runsAnOrdinaryProgram() {
        var deployed = api.deploy(Api.Part.field("name", "wordcount"), Api.Part.file("wasm", TestPrograms.wordcount()),
                Api.Part.field("config", "{\"env\": {\"MAX_WORDS\": \"6\"}}"));
        assertEquals(201, deployed.statusCode(), () -> text(deployed));
        var counted = api.invoke("wordcount", "to be or\nnot to be\n");
        assertEquals("{\"lines\": 2, \"words\": 6, \"bytes\": 19}\n", new String(counted.body()));
        assertEquals("counted 6 words", api.logRow("wordcount", id(counted)).path("log").path(0).path("message").asText());
        var refused = api.invoke("wordcount", "that is the question, is it not?");
        assertEquals("the function exited with status 2", assertProblem(500, "function_error", refused));
    }

    @Test
    void letsTheFunctionDescribeTheAnswer() {
        api.deployed("teapot", Functions.answering("{\"statusCode\": 418, \"headers\": {\"X-Tea\": \"green\"}, \"body\": \"short and stout\"}", 0), "{}");
        var response = api.invoke("teapot", "");
        assertEquals(418, response.statusCode(), () -> text(response));
        assertEquals("green", response.headers().firstValue("x-tea").orElse(""));
        assertEquals("short and stout", new String(response.body()));
    }

    @Test
    void refusesAnAnswerThatHttpDoesNotAllow() {
        api.deployed("bad", Functions.answering("{\"statusCode\": 42}", 0), "{}");
        assertProblem(502, "bad_function_response", api.invoke("bad", ""));
    }

    @Test
    void asksForATokenBeforeItSaysWhetherAFunctionExists() {
        for (var name : List.of("answer", "nonexistent")) {
            assertProblem(401, "unauthenticated", api.send(api.request("/functions/v1/invoke/" + name)));
            assertProblem(401, "unauthenticated", api.send(api.request("/functions/v1/invoke/" + name).header("Authorization", "Bearer a.b.c")));
        }
        assertProblem(404, "function_not_found", api.invoke("nonexistent", ""));
    }

    @Test
    void hidesADisabledFunction() {
        api.deployed("off", Functions.ECHO, "{\"enabled\": false}");
        assertProblem(404, "function_not_found", api.invoke("off", ""));
    }

    @Test
    void letsAnyoneCallAnOpenFunction() {
        api.deployed("open", Functions.CONTEXT, "{\"verify_jwt\": false}");
        var response = api.send(api.request("/functions/v1/invoke/open"));
        assertEquals("anon", json(response).path("role").asText(), () -> text(response));
    }

    @Test
    void refusesAPayloadThatIsTooLarge() {
        var large = new byte[(1 << 20) + 1];
        assertProblem(413, "payload_too_large", api.send(api.as(Role.ANON, "/functions/v1/invoke/echo").POST(BodyPublishers.ofByteArray(large))));
        assertProblem(413, "payload_too_large", api.send(api.as(Role.ANON, "/functions/v1/invoke/echo")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))));
        var most = new byte[1 << 20];
        assertEquals(1 << 20, api.send(api.as(Role.ANON, "/functions/v1/invoke/echo").POST(BodyPublishers.ofByteArray(most))).body().length);
    }

    @Test
    void answersUnknownPathsAndMethodsAsProblems() {
        assertProblem(404, "not_found", api.get("/nowhere"));
        assertProblem(405, "method_not_allowed", api.send(api.as(Role.SERVICE, "/functions/v1/answer/logs").DELETE()));
        assertProblem(400, "invalid_name", api.invoke("No%20Such%20Name", ""));
    }

    @Test
    void keepsConcurrentCallsApart() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = IntStream.range(0, 200)
                    .mapToObj(i -> threads.submit(() -> new String(api.invoke("echo", "payload " + i).body())))
                    .toList();
            for (var i = 0; i < answers.size(); i++) {
                assertEquals("payload " + i, answers.get(i).get());
            }
        }
    }

    @Test
    void servesHealthAndMetrics() {
        assertEquals(200, api.send(api.request("/health/live")).statusCode());
        var ready = api.send(api.request("/health/ready"));
        assertEquals(200, ready.statusCode(), () -> text(ready));
        assertEquals("up", json(ready).path("dependencies").path("kafka").asText());
        assertTrue(new String(api.send(api.request("/metrics")).body()).contains("gateway_invocations_in_flight"));
    }
}
