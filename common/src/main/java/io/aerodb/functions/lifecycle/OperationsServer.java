package io.aerodb.functions.lifecycle;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** {@code /health/live}, {@code /health/ready} and {@code /metrics} of a service that serves no other HTTP. */
public final class OperationsServer implements AutoCloseable {

    private final HttpServer server;

    /**
     * Listens at once.
     *
     * @param port 0 for any free one
     * @param metrics the Prometheus text at the moment it is asked for
     */
    public OperationsServer(String host, int port, Health health, Supplier<String> metrics) throws IOException {
        server = HttpServer.create(new InetSocketAddress(host, port), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/health/live", exchange -> answer(exchange, 200, "application/json", "{\"status\":\"live\"}"));
        server.createContext("/health/ready", exchange -> {
            var report = health.report();
            answer(exchange, report.isReady() ? 200 : 503, "application/json", report.toJson());
        });
        server.createContext("/metrics", exchange -> answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.get()));
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, int status, String contentType, String body) throws IOException {
        try (exchange) {
            var bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", contentType);
            var head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(status, head ? -1 : bytes.length);
            if (!head) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }
}
