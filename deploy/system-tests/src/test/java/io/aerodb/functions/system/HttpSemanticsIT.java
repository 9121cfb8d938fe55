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
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What HTTP promises its clients, on the way to a function and back. */
class HttpSemanticsIT {

    private static final String PAGE = "https://app.example.com";
    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of());
        platform.startWorker(Map.of());
        api.deployed("http-echo", Functions.ECHO, "{}");
        api.deployed("http-context", Functions.CONTEXT, "{}");
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void answersPreflightsForPagesThatMayCall() {
        api.deployed("http-own-page", Functions.ECHO, "{\"cors_origins\": [\"" + PAGE + "\"]}");
        for (var path : List.of("/functions/v1/http-own-page", "/functions/v1/invoke/http-own-page", "/functions/v1/invoke/http-own-page/a/b")) {
            var mine = preflight(path, PAGE);
            assertEquals(204, mine.statusCode(), () -> text(mine));
            assertEquals(PAGE, header(mine, "access-control-allow-origin"));
            assertEquals("PUT", header(mine, "access-control-allow-methods"));
            assertEquals("authorization, x-own", header(mine, "access-control-allow-headers"));
            assertEquals("", header(preflight(path, "https://evil.example"), "access-control-allow-origin"));
        }
        assertEquals("*", header(preflight("/functions/v1/http-echo", PAGE), "access-control-allow-origin"));
        assertEquals("*", header(preflight("/functions/v1/http-nobody", PAGE), "access-control-allow-origin"));
        assertEquals("*", header(preflight("/functions/v1/invocations/x", PAGE), "access-control-allow-origin"));
        assertEquals("", header(preflight("/functions/v1/deploy", PAGE), "access-control-allow-origin"));
    }

    @Test
    void letsPagesReadAnswersAndErrors() {
        api.deployed("http-page", Functions.answering(
                "{\"statusCode\": 200, \"headers\": {\"Access-Control-Allow-Origin\": \"https://other.example\"}, \"body\": \"x\"}", 0), "{}");
        var answer = api.send(api.as(Role.ANON, "/functions/v1/http-echo").header("Origin", PAGE).POST(BodyPublishers.ofString("x")));
        assertEquals("*", header(answer, "access-control-allow-origin"));
        assertTrue(header(answer, "access-control-expose-headers").contains("x-invocation-id"));
        var refused = api.send(api.request("/functions/v1/http-echo").header("Origin", PAGE).POST(BodyPublishers.ofString("x")));
        assertProblem(401, "unauthenticated", refused);
        assertEquals("*", header(refused, "access-control-allow-origin"));
        var own = api.send(api.as(Role.ANON, "/functions/v1/http-page").header("Origin", PAGE).POST(BodyPublishers.noBody()));
        assertEquals(List.of("https://other.example"), own.headers().allValues("access-control-allow-origin"));
        assertEquals("", header(api.invoke("http-echo", "x"), "access-control-allow-origin"));
        assertProblem(400, "invalid_request", api.deploy("http-page", Functions.ECHO, "{\"cors_origins\": [\"https://app.example.com/path\"]}"));
    }

    @Test
    void passesEveryMethodToTheFunction() {
        for (var method : List.of("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT")) {
            var answer = api.send(api.as(Role.ANON, "/functions/v1/invoke/http-context/sub").method(method, BodyPublishers.noBody()));
            assertEquals(method, json(answer).path("http").path("method").asText(), () -> text(answer));
        }
        var head = api.send(api.as(Role.ANON, "/functions/v1/invoke/http-context").HEAD());
        assertEquals(200, head.statusCode());
        assertEquals(0, head.body().length);
        assertEquals("application/json", header(head, "content-type"));
        assertEquals("HEAD", json(api.get("/functions/v1/invocations/" + id(head) + "?wait=20s")).path("result").path("body").path("http").path("method").asText());
    }

    @Test
    void answersHeadWhereverThereIsGet() {
        for (var path : List.of("/health/live", "/openapi.json", "/functions/v1/http-echo", "/functions/v1/http-echo/logs")) {
            var head = api.send(api.as(Role.SERVICE, path).HEAD());
            assertEquals(200, head.statusCode());
            assertEquals(0, head.body().length);
            assertEquals("application/json", header(head, "content-type"));
        }
    }

    @Test
    void compressesAnswersForClientsThatTakeIt() throws IOException {
        var payload = "[" + "\"the same again\", ".repeat(200) + "1]";
        var request = api.as(Role.ANON, "/functions/v1/http-echo").POST(BodyPublishers.ofString(payload));
        assertEquals("", header(api.send(request.copy()), "content-encoding"));
        var compressed = api.send(request.copy().header("Accept-Encoding", "gzip"));
        assertEquals("gzip", header(compressed, "content-encoding"));
        assertTrue(compressed.body().length < payload.length() / 2);
        assertEquals(payload, new String(new GZIPInputStream(new ByteArrayInputStream(compressed.body())).readAllBytes(), StandardCharsets.UTF_8));
        var small = api.send(api.as(Role.ANON, "/functions/v1/http-echo").header("Accept-Encoding", "gzip").POST(BodyPublishers.ofString("{}")));
        assertEquals("{}", new String(small.body(), StandardCharsets.UTF_8));
    }

    @Test
    void tellsCachesWhatAnAnswerDependsOn() {
        api.deployed("http-varied", Functions.answering("{\"statusCode\": 200, \"headers\": {\"Vary\": \"x-own\"}, \"body\": \"text\"}", 0), "{}");
        for (var origin : List.of("", PAGE)) {
            var request = api.as(Role.ANON, "/functions/v1/http-varied").POST(BodyPublishers.noBody());
            var vary = api.send(origin.isEmpty() ? request : request.header("Origin", origin)).headers().allValues("vary");
            assertEquals(Set.of("origin", "x-own", "accept-encoding"), Set.copyOf(vary), "also for who sends none of them");
        }
        var binary = api.send(api.as(Role.ANON, "/functions/v1/http-echo").POST(BodyPublishers.ofByteArray(new byte[] {-1})));
        assertEquals(List.of("origin"), binary.headers().allValues("vary"), "bytes are never compressed");
        assertEquals(List.of("accept-encoding"), api.send(api.request("/openapi.json")).headers().allValues("vary"));
    }

    @Test
    void passesBytesOnAsTheyAreHoweverTheyAreEncoded() {
        var payload = new byte[100_000];
        new Random(3).nextBytes(payload);
        var answer = api.send(api.as(Role.ANON, "/functions/v1/http-echo").header("Content-Encoding", "gzip").header("Accept-Encoding", "gzip")
                .POST(BodyPublishers.ofByteArray(payload)));
        assertEquals(200, answer.statusCode(), () -> text(answer));
        assertArrayEquals(payload, answer.body());
        var context = json(api.send(api.as(Role.ANON, "/functions/v1/invoke/http-context").header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofByteArray(payload))));
        assertTrue(context.path("http").path("headers").toString().contains("[\"content-encoding\",\"gzip\"]"), context::toString);
    }

    @Test
    void keepsRepeatedHeadersBothWays() {
        var context = json(api.send(api.as(Role.ANON, "/functions/v1/invoke/http-context").header("X-Many", "a").header("X-Many", "b").GET()));
        assertTrue(context.path("http").path("headers").toString().contains("[\"x-many\",\"a\"],[\"x-many\",\"b\"]"), context::toString);
        api.deployed("http-many", Functions.answering("{\"statusCode\": 200, \"headers\": {\"Set-Cookie\": [\"a=1\", \"b=2\"]}}", 0), "{}");
        assertEquals(List.of("a=1", "b=2"), api.invoke("http-many", "").headers().allValues("set-cookie"));
    }

    @Test
    void speaksHttp2WithoutTls() throws Exception {
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            for (var i = 0; i < 3; i++) {
                var answer = client.send(api.as(Role.ANON, "/functions/v1/invoke/http-context/x").header("X-Own", "1")
                        .POST(BodyPublishers.ofString("{}")).build(), BodyHandlers.ofByteArray());
                assertEquals(HttpClient.Version.HTTP_2, answer.version());
                assertEquals(200, answer.statusCode(), () -> text(answer));
                assertTrue(header(answer, "server-timing").startsWith("queue;dur="));
                var headers = json(answer).path("http").path("headers").toString();
                assertTrue(headers.contains("x-own") && !headers.contains("\":") && !headers.contains("http2-settings"), headers);
            }
            var manyHeaders = client.send(api.as(Role.ANON, "/functions/v1/http-echo").header("X-Large", "x".repeat(24 * 1024))
                    .POST(BodyPublishers.ofString("x")).build(), BodyHandlers.ofByteArray());
            assertEquals(200, manyHeaders.statusCode(), () -> "as many as with HTTP/1.1: " + text(manyHeaders));
            var large = client.send(api.as(Role.ANON, "/functions/v1/http-echo").POST(BodyPublishers.ofByteArray(new byte[2 << 20])).build(),
                    BodyHandlers.ofByteArray());
            assertProblem(413, "payload_too_large", large);
            assertEquals(200, client.send(api.as(Role.ANON, "/functions/v1/http-echo").POST(BodyPublishers.ofString("x")).build(),
                    BodyHandlers.ofByteArray()).statusCode());
        }
    }

    @Test
    void servesSeveralRequestsOnOneConnection() throws IOException {
        try (var socket = new Socket(api.url().getHost(), api.url().getPort())) {
            socket.setSoTimeout(20_000);
            for (var i = 0; i < 3; i++) {
                socket.getOutputStream().write("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                var answer = new StringBuilder();
                while (!answer.toString().endsWith("{\"status\":\"live\"}")) {
                    answer.append((char) socket.getInputStream().read());
                }
                assertTrue(answer.toString().startsWith("HTTP/1.1 200"), answer::toString);
            }
        }
    }

    @Test
    void logsAnInvocationWhoseCallerHasGoneAndKeepsNothingOfIt() throws IOException {
        api.deployed("http-slow", Functions.LOOP, "{\"timeout_ms\": 1500}");
        try (var socket = new Socket(api.url().getHost(), api.url().getPort())) {
            socket.getOutputStream().write(("POST /functions/v1/http-slow HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + Api.token(Role.ANON)
                    + "\r\nContent-Length: 2\r\n\r\n{}").getBytes(StandardCharsets.US_ASCII));
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> inFlight() == 1);
        }
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !api.rows("http-slow").isEmpty());
        assertEquals("timed_out", api.rows("http-slow").getFirst().path("status").asText());
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> inFlight() == 0);
        assertFalse(new String(api.send(api.request("/metrics")).body(), StandardCharsets.UTF_8).contains("gateway_payloads_in_flight_bytes{service=\"gateway\"} 2"));
    }

    private static double inFlight() {
        return new String(api.send(api.request("/metrics")).body(), StandardCharsets.UTF_8).lines()
                .filter(line -> line.startsWith("gateway_invocations_in_flight")).mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
    }

    private static HttpResponse<byte[]> preflight(String path, String origin) {
        return api.send(api.request(path).header("Origin", origin).header("Access-Control-Request-Method", "PUT")
                .header("Access-Control-Request-Headers", "authorization, x-own").method("OPTIONS", BodyPublishers.noBody()));
    }

    private static String header(HttpResponse<byte[]> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }
}
