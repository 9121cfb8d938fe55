package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aerodb.functions.worker.wasm.HostError;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpFetchIT {

    private TestHost host;
    private TestFetch fetch;
    private String origin;

    @BeforeEach
    void start() throws Exception {
        host = new TestHost(HttpFetchIT::answer);
        fetch = new TestFetch(host.port());
        origin = "http://a.test.example:" + host.port();
    }

    @AfterEach
    void stop() throws Exception {
        fetch.close();
        host.close();
    }

    @Test
    void bringsTheAnswer() throws Exception {
        var answer = fetch.ok("{\"url\":\"" + origin + "/hello?x=1#y\"}");
        assertEquals("hello", answer.get("body").textValue());
        assertEquals("[\"1\",\"2\"]", answer.get("headers").get("x-twice").toString());
        assertEquals("\"5\"", answer.get("headers").get("content-length").toString());
        assertEquals("/hello?x=1", host.last().uri());
        assertEquals("a.test.example:" + host.port(), host.last().host());
        assertEquals(HttpVersion.HTTP_1_1, host.last().version());
        assertFalse(host.last().headers().has("upgrade"));
    }

    @Test
    void addsItsOwnHeaders() throws Exception {
        fetch.ok("{\"url\":\"" + origin + "/hello\"}");
        var headers = host.last().headers();
        assertEquals(List.of(TestFetch.TRACE.traceparent()), headers.all("traceparent"));
        assertEquals(List.of("vendor=1"), headers.all("tracestate"));
        assertEquals(List.of("aerodb-functions"), headers.all("user-agent"));
        assertEquals(List.of("gzip, deflate"), headers.all("accept-encoding"));
        assertFalse(headers.has("idempotency-key"));
        assertFalse(headers.has("content-length"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
    void sendsTheSameIdempotencyKeyForTheSameFetch(String method) throws Exception {
        var json = "{\"method\":\"" + method + "\",\"url\":\"" + origin + "/hello\"}";
        fetch.ok(json);
        fetch.ok(json);
        var key = List.of(IdempotencyKey.of("0199a3c0-0000-7000-8000-000000000000", 3).toString());
        assertEquals(List.of(key, key), host.received().stream().map(received -> received.headers().all("idempotency-key")).toList());
    }

    @Test
    void tellsThatABodyIsEmptyWhereOneIsExpected() throws Exception {
        fetch.ok("{\"method\":\"POST\",\"url\":\"" + origin + "/hello\"}");
        assertEquals(List.of("0"), host.last().headers().all("content-length"));
    }

    @Test
    void leavesTheGuestsOwnHeadersAsTheyAre() throws Exception {
        fetch.ok("""
                {"method":"POST","url":"%s/hello","headers":{"Idempotency-Key":"mine","TraceParent":"mine","User-Agent":"mine","Accept-Encoding":"br",
                "X-Many":["a","b"]}}""".formatted(origin));
        var headers = host.last().headers();
        for (var name : List.of("idempotency-key", "traceparent", "user-agent")) {
            assertEquals(List.of("mine"), headers.all(name));
        }
        assertEquals(List.of(), headers.all("tracestate"));
        assertEquals(List.of("br"), headers.all("accept-encoding"));
        assertEquals(List.of("a", "b"), headers.all("x-many"));
    }

    @Test
    void asksForPartsUncompressed() throws Exception {
        fetch.ok("{\"url\":\"" + origin + "/hello\",\"headers\":{\"Range\":\"bytes=0-1\"}}");
        assertEquals(List.of("identity"), host.last().headers().all("accept-encoding"));
    }

    @Test
    void carriesBodiesBothWays() throws Exception {
        assertEquals("grüße", fetch.ok("{\"method\":\"POST\",\"url\":\"" + origin + "/echo\",\"body\":\"grüße\"}").get("body").textValue());
        assertEquals("AP8Q", fetch.ok("{\"method\":\"PUT\",\"url\":\"" + origin + "/echo\",\"body_base64\":\"AP8Q\"}").get("body_base64").textValue());
        assertEquals("", fetch.ok("{\"method\":\"POST\",\"url\":\"" + origin + "/echo\",\"body\":\"\"}").get("body").textValue());
        var large = "x".repeat(90_000);
        assertEquals(large, fetch.ok("{\"method\":\"POST\",\"url\":\"" + origin + "/echo\",\"body\":\"" + large + "\"}").get("body").textValue());
    }

    @Test
    void bringsStatusesAndHeadWithoutBody() throws Exception {
        assertEquals(404, TestFetch.json(fetch.get(origin + "/nothing")).get("status").intValue());
        assertEquals(204, TestFetch.json(fetch.get(origin + "/empty")).get("status").intValue());
        var head = fetch.ok("{\"method\":\"HEAD\",\"url\":\"" + origin + "/huge\"}");
        assertEquals("", head.get("body").textValue());
    }

    @Test
    void decompresses() throws Exception {
        var answer = fetch.ok("{\"url\":\"" + origin + "/gzip\"}");
        assertEquals("squeezed", answer.get("body").textValue());
        assertFalse(answer.get("headers").has("content-encoding"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/huge", "/endless", "/bomb", "/headers"})
    void takesNoMoreThanItMay(String path) throws Exception {
        TestFetch.failure(HostError.TOO_LARGE, fetch.get(origin + path));
    }

    @Test
    void losesNoAnswerUnderLoad() throws Exception {
        var fetches = IntStream.range(0, 4).mapToObj(i -> new FutureTask<>(() -> {
            for (var n = 0; n < 1000; n++) {
                // what changes something is sent once, so that nothing hides a failure
                fetch.ok("{\"method\":\"POST\",\"url\":\"" + origin + "/echo\",\"body\":\"x\"}");
            }
            return true;
        })).toList();
        fetches.forEach(Thread.ofPlatform()::start);
        for (var each : fetches) {
            assertTrue(each.get(120, TimeUnit.SECONDS));
        }
        assertEquals(4000, host.received().size());
    }

    @Test
    void usesAConnectionAgainForTheSameHostOnly() throws Exception {
        // a connection is free again a moment after its answer has come
        for (var n = 0; n < 10; n++) {
            fetch.get(origin + "/hello");
        }
        fetch.get("http://b.test.example:" + host.port() + "/hello");
        var clients = host.received().stream().map(TestHost.Received::client).toList();
        var forTheSameHost = Set.copyOf(clients.subList(0, 10));
        assertTrue(forTheSameHost.size() < 10, forTheSameHost::toString);
        assertFalse(forTheSameHost.contains(clients.get(10)), clients::toString);
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere the loopback network has one address")
    void usesAConnectionAgainForTheSameAddressOnly() throws Exception {
        try (var everywhere = new TestHost(new HttpServerOptions().setHost("0.0.0.0"), HttpFetchIT::answer);
                var fetch = new TestFetch(everywhere.port())) {
            for (var address : List.of("127.0.0.1", "127.0.0.2", "127.0.0.1")) {
                fetch.name("a.test.example", address);
                fetch.get("http://a.test.example:" + everywhere.port() + "/hello");
            }
            var received = everywhere.received();
            assertEquals(List.of("127.0.0.1", "127.0.0.2", "127.0.0.1"), received.stream().map(TestHost.Received::server).toList());
            assertEquals(received.get(0).client(), received.get(2).client());
        }
    }

    @Test
    void keepsNoMoreConnectionsThanItMay() throws Exception {
        try (var modest = new TestFetch(host.port(), TestFetch.settings(100_000, 2, List.of()))) {
            for (var i = 0; i < 10; i++) {
                modest.get("http://h" + i + ".test.example:" + host.port() + "/hello");
            }
            assertEquals(10, host.received().size());
            Awaitility.await().until(() -> host.open() <= 2);
        }
    }

    @Test
    void reachesAHostByItsAddress() throws Exception {
        assertEquals("hello", TestFetch.json(fetch.get("http://127.0.0.1:" + host.port() + "/hello")).get("body").textValue());
        assertEquals("127.0.0.1:" + host.port(), host.last().host());
        assertEquals(0, fetch.lookups());
    }

    @Test
    void reachesAHostByItsIpv6Address() throws Exception {
        assumeTrue(hasIpv6(), "this machine has no ::1");
        try (var other = new TestHost(new HttpServerOptions().setHost("::1"), HttpFetchIT::answer); var fetch = new TestFetch(other.port())) {
            assertEquals("hello", TestFetch.json(fetch.get("http://[::1]:" + other.port() + "/hello")).get("body").textValue());
            assertEquals("[0:0:0:0:0:0:0:1]:" + other.port(), other.last().host());
        }
    }

    @Test
    void triesTheNextAddressWhereOneCannotBeReached() throws Exception {
        fetch.name("a.test.example", "::1", "127.0.0.1");
        assertEquals("hello", TestFetch.json(fetch.get(origin + "/hello")).get("body").textValue());
    }

    @Test
    void followsRedirects() throws Exception {
        assertEquals("hello", fetch.ok("{\"url\":\"" + origin + "/redirect/3\"}").get("body").textValue());
        assertTrue(TestFetch.failure(HostError.UNAVAILABLE, fetch.get(origin + "/redirect/4")).contains("more than 3 times"));
    }

    @Test
    void turnsAPostIntoAGetWhereItIsSentElsewhere() throws Exception {
        fetch.ok("{\"method\":\"POST\",\"url\":\"" + origin + "/to?303+/hello\",\"headers\":{\"content-type\":\"text/plain\"},\"body\":\"x\"}");
        assertEquals("GET", host.last().method());
        for (var name : List.of("content-type", "content-length", "idempotency-key")) {
            assertFalse(host.last().headers().has(name), name);
        }
        assertEquals("x", fetch.ok("{\"method\":\"POST\",\"url\":\"" + origin + "/to?307+/echo\",\"body\":\"x\"}").get("body").textValue());
    }

    @Test
    void takesCredentialsToNoOtherHost() throws Exception {
        var credentials = ",\"headers\":{\"Authorization\":\"Bearer x\",\"Cookie\":\"a=b\",\"X-Other\":\"c\"}}";
        fetch.ok("{\"url\":\"" + origin + "/to?302+/hello\"" + credentials);
        assertTrue(host.last().headers().has("authorization"));
        assertTrue(host.last().headers().has("cookie"));
        fetch.ok("{\"url\":\"" + origin + "/to?302+http://b.test.example:" + host.port() + "/hello\"" + credentials);
        assertEquals("b.test.example:" + host.port(), host.last().host());
        assertFalse(host.last().headers().has("authorization"));
        assertFalse(host.last().headers().has("cookie"));
        assertTrue(host.last().headers().has("x-other"));
    }

    private static boolean hasIpv6() {
        try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("::1"))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static void answer(HttpServerRequest request) {
        var response = request.response();
        switch (request.path()) {
            case "/hello" -> {
                response.headers().add("X-Twice", "1").add("X-Twice", "2");
                response.end("hello");
            }
            case "/echo" -> request.body().onSuccess(response::end);
            case "/empty" -> response.setStatusCode(204).end();
            case "/huge" -> response.end(Buffer.buffer(new byte[100_001]));
            case "/endless" -> {
                response.setChunked(true);
                endless(request);
            }
            case "/gzip" -> response.putHeader("Content-Encoding", "gzip").end(gzip("squeezed"));
            case "/bomb" -> response.putHeader("Content-Encoding", "gzip").end(bomb());
            case "/headers" -> response.putHeader("X-Long", "x".repeat(40_000)).end();
            case "/redirect/0" -> response.end("hello");
            case "/redirect/1", "/redirect/2", "/redirect/3", "/redirect/4" ->
                response.setStatusCode(302).putHeader("Location", String.valueOf(request.path().charAt(10) - '1')).end("moved");
            case "/to" -> {
                var statusAndPlace = request.query().split("\\+", 2);
                response.setStatusCode(Integer.parseInt(statusAndPlace[0])).putHeader("Location", statusAndPlace[1]).end();
            }
            default -> response.setStatusCode(404).end();
        }
    }

    private static void endless(HttpServerRequest request) {
        request.response().write(Buffer.buffer(new byte[10_000])).onSuccess(written -> endless(request));
    }

    private static Buffer gzip(String text) {
        try {
            return Buffer.buffer(BodyCodingTest.gzip(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Of a size that passes as it comes. */
    private static Buffer bomb() {
        return gzip("\0".repeat(10_000_000));
    }
}
