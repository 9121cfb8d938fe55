package io.aerodb.functions.system.fault;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** A server at which functions wait until they are let through, so that a test knows which of them run, and how often each did. */
final class Gate implements AutoCloseable {

    private final HttpServer server;
    private final Map<String, Integer> runs = new ConcurrentHashMap<>();
    private final CountDownLatch opened = new CountDownLatch(1);
    private volatile long lastArrival = System.nanoTime();

    Gate() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::pass);
        server.start();
    }

    /** For the {@code allowed_hosts} of a function. */
    String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** For {@link Programs#FETCH}. @param name comes back in the answer */
    String payload(String name) {
        return "{\"method\":\"POST\",\"url\":\"http://" + host() + "/\",\"body\":\"" + name + "\"}";
    }

    /** Lets everybody through. */
    void open() {
        opened.countDown();
    }

    /** How many different calls have come. */
    int calls() {
        return runs.size();
    }

    /** Whether nobody has come for a second. */
    boolean isQuiet() {
        return System.nanoTime() - lastArrival > Duration.ofSeconds(1).toNanos();
    }

    /** The calls that came more than once. */
    List<String> rerun() {
        return runs.entrySet().stream().filter(run -> run.getValue() > 1).map(Map.Entry::getKey).toList();
    }

    private void pass(HttpExchange exchange) throws IOException {
        try (exchange) {
            var name = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            runs.merge(name, 1, Integer::sum);
            lastArrival = System.nanoTime();
            opened.await();
            var answer = name.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        open();
        server.stop(0);
    }
}
