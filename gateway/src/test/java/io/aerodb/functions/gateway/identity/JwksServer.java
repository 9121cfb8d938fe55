package io.aerodb.functions.gateway.identity;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** An issuer of tokens as far as it shows: a key set over HTTP on a free loopback port, behaving as it is told. */
final class JwksServer implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger fetches = new AtomicInteger();
    private volatile Answer answer = exchange -> respond(exchange, 404, "");

    interface Answer {
        void to(HttpExchange exchange) throws Exception;
    }

    JwksServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            fetches.incrementAndGet();
            try (exchange) {
                answer.to(exchange);
            } catch (IOException e) {
                // the client broke off
            } catch (Exception e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
    }

    void serve(String body) {
        answer(exchange -> respond(exchange, 200, body));
    }

    void serve(SigningKey... keys) {
        serve(SigningKey.set(keys));
    }

    void fail(int status) {
        answer(exchange -> respond(exchange, status, "no"));
    }

    void answer(Answer with) {
        answer = with;
    }

    static void respond(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks.json");
    }

    /** How often it has been asked. */
    int fetches() {
        return fetches.get();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
