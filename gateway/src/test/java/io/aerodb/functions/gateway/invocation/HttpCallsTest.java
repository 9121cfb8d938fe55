package io.aerodb.functions.gateway.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.gateway.http.LocalServer;
import io.aerodb.functions.invocation.HttpCall;
import io.aerodb.functions.invocation.HttpCall.Header;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpCallsTest {

    private static final BlockingQueue<HttpCall> SEEN = new LinkedBlockingQueue<>();
    private static LocalServer server;

    @BeforeAll
    static void start() {
        server = new LocalServer(router -> {
            for (var path : new String[] {"/invoke/:name", "/invoke/:name/*"}) {
                router.route(path).handler(context -> {
                    SEEN.add(HttpCalls.from(context.request(), Optional.ofNullable(context.pathParam("*"))));
                    context.end();
                });
            }
        });
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void leavesCredentialsAndTheConnectionsOwnHeadersOut() throws InterruptedException {
        var call = call("GET /invoke/hello HTTP/1.1", "Host: localhost", "Authorization: Bearer secret", "COOKIE: session=secret", "ApiKey: secret",
                "Proxy-Authorization: Basic secret", "Connection: close", "Keep-Alive: timeout=5", "TE: trailers", "Trailer: X",
                "X-Kept: yes");
        assertFalse(call.toString().contains("secret"), call.toString());
        assertEquals(List.of(new Header("host", "localhost"), new Header("x-kept", "yes")), call.headers());
    }

    @Test
    void keepsTheOrderAndEveryRepetition() throws InterruptedException {
        var call = call("GET /invoke/hello HTTP/1.1", "Host: localhost", "X-B: 1", "Accept: text/plain", "X-A: 2", "x-b: 3", "Accept: text/html",
                "Connection: close");
        assertEquals(List.of(new Header("host", "localhost"), new Header("x-b", "1"), new Header("accept", "text/plain"),
                new Header("x-a", "2"), new Header("x-b", "3"), new Header("accept", "text/html")), call.headers());
    }

    @Test
    void keepsTheMethodAndTheQueryAsTheyCame() throws InterruptedException {
        var call = call("PROPFIND /invoke/hello?b=%20x&a=1&a=2&%3D HTTP/1.1", "Host: localhost", "Connection: close");
        assertEquals("PROPFIND", call.method());
        assertEquals("b=%20x&a=1&a=2&%3D", call.query());
    }

    @ParameterizedTest
    @CsvSource({
        "/invoke/hello, /", "/invoke/hello/, /", "/invoke/hello/a, /a", "/invoke/hello/a/b, /a/b", "/invoke/hello/a/, /a/",
        "/invoke/hello?x=/y, /", "/invoke/hello/a?x=1, /a", "/invoke/hello/a/../b, /b", "/invoke/hello/.well-known/x, /.well-known/x"})
    void tellsWhatFollowsTheName(String target, String path) throws InterruptedException {
        assertEquals(path, call("GET " + target + " HTTP/1.1", "Host: localhost", "Connection: close").path());
    }

    @Test
    void tellsAnEmptyQueryWhereThereIsNone() throws InterruptedException {
        assertEquals("", call("GET /invoke/hello HTTP/1.1", "Host: localhost", "Connection: close").query());
    }

    private static HttpCall call(String... lines) throws InterruptedException {
        server.raw((String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
        var call = SEEN.poll(20, TimeUnit.SECONDS);
        assertTrue(call != null, "the request did not arrive");
        return call;
    }
}
