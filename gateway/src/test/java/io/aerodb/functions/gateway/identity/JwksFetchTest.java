package io.aerodb.functions.gateway.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwksFetchTest {

    private static final int CAP = 256 * 1024;
    private static final String EMPTY_SET = "{\"keys\":[]}";

    private final JwksServer server = new JwksServer();
    private final JwksFetch fetch = new JwksFetch(server.url());

    @AfterEach
    void close() {
        fetch.close();
        server.close();
    }

    @Test
    void bringsAKeySet() throws Exception {
        server.serve(SigningKey.of("ES256", "e"));
        assertEquals("e", result(fetch.fetch()).keys().getFirst().id());
    }

    @Test
    void takesAsMuchAsTheCapAndNotAByteMore() throws Exception {
        server.serve(EMPTY_SET + " ".repeat(CAP - EMPTY_SET.length()));
        assertEquals(0, result(fetch.fetch()).keys().size());
        server.serve(EMPTY_SET + " ".repeat(CAP - EMPTY_SET.length() + 1));
        assertFails();
    }

    @Test
    void breaksOffABodyWithoutEnd() {
        server.answer(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            while (true) {
                exchange.getResponseBody().write(new byte[8192]);
            }
        });
        assertFails();
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 301, 302, 307, 308, 304, 401, 404, 500, 503})
    void takesNoOtherStatusThan200(int status) {
        server.answer(exchange -> JwksServer.respond(exchange, status, status == 204 || status == 304 ? "" : EMPTY_SET));
        assertFails();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/elsewhere", "https://127.0.0.1/jwks.json", "file:///etc/hostname", "ftp://127.0.0.1/"})
    void followsNoRedirect(String location) {
        server.answer(exchange -> {
            exchange.getResponseHeaders().add("Location", location);
            JwksServer.respond(exchange, 302, "");
        });
        assertTrue(assertFails().getMessage().contains("302"));
        assertEquals(1, server.fetches());
    }

    @Test
    void givesUpOnAServerThatNeverAnswers() {
        server.answer(exchange -> new CompletableFuture<Void>().get());
        assertGivesUp();
    }

    @Test
    void givesUpOnABodyThatTrickles() {
        server.answer(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            new CompletableFuture<Void>().get();
        });
        assertGivesUp();
    }

    @Test
    void failsWhereNobodyListens() throws IOException {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        try (var nowhere = new JwksFetch(URI.create("http://127.0.0.1:" + port + "/"))) {
            assertThrows(ExecutionException.class, () -> result(nowhere.fetch()));
        }
    }

    @Test
    void failsOnceItIsClosed() {
        fetch.close();
        assertThrows(ExecutionException.class, () -> result(fetch.fetch()));
    }

    private void assertGivesUp() {
        try (var hasty = new JwksFetch(server.url(), Duration.ofMillis(200))) {
            var failure = assertThrows(ExecutionException.class, () -> result(hasty.fetch())).getCause();
            assertInstanceOf(TimeoutException.class, failure);
        }
    }

    private Throwable assertFails() {
        return assertThrows(ExecutionException.class, () -> result(fetch.fetch())).getCause();
    }

    /** Long enough for a busy machine; the fetch gives up much earlier by itself. */
    private static KeySet result(CompletableFuture<KeySet> fetched) throws Exception {
        return fetched.get(20, TimeUnit.SECONDS);
    }
}
