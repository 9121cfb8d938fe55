package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.worker.wasm.HostError;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts and name servers that are slow, broken or silent. */
class DeadlineIT {

    private static final Duration SHORT = Duration.ofMillis(400);

    @ParameterizedTest
    @ValueSource(strings = {"/silent", "/drip"})
    void givesUpAtTheDeadline(String path) throws Exception {
        try (var host = new TestHost(DeadlineIT::answer); var fetch = new TestFetch(host.port())) {
            var start = System.nanoTime();
            var answer = fetch.send("{\"url\":\"http://a.test.example:" + host.port() + path + "\"}", SHORT);
            var took = Duration.ofNanos(System.nanoTime() - start);
            TestFetch.failure(HostError.DEADLINE, answer);
            assertEquals(-5, answer.code());
            assertTrue(took.compareTo(SHORT) >= 0 && took.compareTo(Duration.ofSeconds(20)) < 0, took::toString);
            Awaitility.await("the connection is not left behind").until(() -> host.open() == 0);
        }
    }

    @Test
    void doesNotWaitForANameServerThatIsSilent() throws Exception {
        try (var fetch = new TestFetch(1)) {
            fetch.name("a.test.example", new CompletableFuture<List<InetAddress>>());
            TestFetch.failure(HostError.DEADLINE, fetch.send("{\"url\":\"http://a.test.example/\"}", SHORT));
        }
    }

    @Test
    void doesNotWaitForALookupThatHoldsItsThread() throws Exception {
        var end = new CompletableFuture<List<InetAddress>>();
        try (var fetch = new HttpFetch(TestFetch.settings(1000, 1, List.of()), name -> CompletableFuture.completedFuture(end.join()), () -> {});
                var known = new TestFetch(1)) {
            var json = "{\"url\":\"http://a.test.example/\"}".getBytes(StandardCharsets.UTF_8);
            TestFetch.failure(HostError.DEADLINE, fetch.fetch(known.caller(), json, SHORT));
        } finally {
            end.cancel(false);
        }
    }

    @Test
    void startsNothingAfterTheDeadline() throws Exception {
        try (var host = new TestHost(DeadlineIT::answer); var fetch = new TestFetch(host.port())) {
            for (var remaining : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
                TestFetch.failure(HostError.DEADLINE, fetch.send("{\"url\":\"http://a.test.example:" + host.port() + "/\"}", remaining));
            }
            assertEquals(0, host.received().size());
        }
    }

    @Test
    void letsItselfBeInterrupted() throws Exception {
        try (var host = new TestHost(DeadlineIT::answer); var fetch = new TestFetch(host.port())) {
            var call = new FutureTask<>(() -> {
                assertThrows(InterruptedException.class, () -> fetch.get("http://a.test.example:" + host.port() + "/silent"));
                return Thread.currentThread().isInterrupted();
            });
            var guest = Thread.ofPlatform().start(call);
            Awaitility.await().until(() -> host.received().size() == 1);
            guest.interrupt();
            assertFalse(call.get(20, TimeUnit.SECONDS));
            Awaitility.await("the exchange is given up").until(() -> host.open() == 0);
        }
    }

    @Test
    void endsWhatIsUnderWayWhenItIsClosed() throws Exception {
        try (var host = new TestHost(DeadlineIT::answer)) {
            var fetch = new TestFetch(host.port());
            var call = new FutureTask<>(() -> fetch.get("http://a.test.example:" + host.port() + "/silent"));
            Thread.ofPlatform().start(call);
            Awaitility.await().until(() -> host.received().size() == 1);
            fetch.close();
            TestFetch.failure(HostError.UNAVAILABLE, call.get(20, TimeUnit.SECONDS));
            TestFetch.failure(HostError.UNAVAILABLE, fetch.get("http://a.test.example:" + host.port() + "/silent"));
        }
    }

    @Test
    void needsLittleStackOfItsCaller() throws Exception {
        try (var host = new TestHost(DeadlineIT::answer); var fetch = new TestFetch(host.port())) {
            var call = new FutureTask<>(() -> fetch.get("http://a.test.example:" + host.port() + "/"));
            new Thread(null, call, "small", 180 * 1024).start();
            TestFetch.json(call.get(60, TimeUnit.SECONDS));
        }
    }

    @Test
    void tellsThatAHostCannotBeReached() throws Exception {
        int port;
        try (var closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        try (var fetch = new TestFetch(port)) {
            var message = TestFetch.failure(HostError.UNAVAILABLE, fetch.get("http://a.test.example:" + port + "/"));
            assertEquals("no connection to 'a.test.example:" + port + "'", message);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"})
    void tellsThatAnAnswerIsBroken(String answer) throws Exception {
        try (var host = new RawHost(answer); var fetch = new TestFetch(host.port())) {
            TestFetch.failure(HostError.UNAVAILABLE, fetch.get("http://a.test.example:" + host.port() + "/"));
            assertEquals(2, host.connections.get(), "what changes nothing is tried twice");
            TestFetch.failure(HostError.UNAVAILABLE, fetch.send(
                    "{\"method\":\"POST\",\"url\":\"http://a.test.example:" + host.port() + "/\"}", TestFetch.LONG));
            assertEquals(3, host.connections.get(), "what changes something is not");
        }
    }

    private static void answer(HttpServerRequest request) {
        switch (request.path()) {
            case "/silent" -> request.pause();
            case "/drip" -> request.response().setChunked(true).write("a");
            default -> request.response().end("hello");
        }
    }

    /** Sends every connection the same bytes and closes it. */
    private static final class RawHost implements AutoCloseable {

        private final AtomicInteger connections = new AtomicInteger();
        private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final String answer;

        RawHost(String answer) throws Exception {
            this.answer = answer;
            Thread.ofVirtual().start(this::serve);
        }

        int port() {
            return server.getLocalPort();
        }

        @Override
        public void close() throws Exception {
            server.close();
        }

        private void serve() {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    connections.incrementAndGet();
                    while (socket.getInputStream().read() != '\n') {
                        // the rest of the request may stay where it is
                    }
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // closed, or the client is gone
                }
            }
        }
    }
}
