package io.aerodb.functions.worker.fetch;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A host on the loopback network that remembers what it was asked. */
final class TestHost implements AutoCloseable {

    private final Vertx vertx = Vertx.vertx();
    private final ConcurrentLinkedQueue<Received> received = new ConcurrentLinkedQueue<>();
    private final AtomicInteger open = new AtomicInteger();
    private final HttpServer server;

    /** @param client address and port of the other end of the connection */
    record Received(String method, String uri, String host, HttpVersion version, String client, String server, Headers headers, String serverName) {}

    TestHost(Handler<HttpServerRequest> handler) throws Exception {
        this(new HttpServerOptions().setHost("127.0.0.1"), handler);
    }

    TestHost(HttpServerOptions options, Handler<HttpServerRequest> handler) throws Exception {
        server = vertx.createHttpServer(options.setPort(0))
                .connectionHandler(connection -> {
                    open.incrementAndGet();
                    connection.closeHandler(closed -> open.decrementAndGet());
                })
                .requestHandler(request -> {
                    received.add(received(request));
                    handler.handle(request);
                })
                .listen()
                .toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    int port() {
        return server.actualPort();
    }

    /** Connections that clients have with it. */
    int open() {
        return open.get();
    }

    List<Received> received() {
        return List.copyOf(received);
    }

    Received last() {
        return received().getLast();
    }

    @Override
    public void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static Received received(HttpServerRequest request) {
        var headers = new Headers();
        request.headers().forEach((name, value) -> headers.add(name.toLowerCase(Locale.ROOT), value));
        return new Received(request.method().name(), request.uri(), String.valueOf(request.authority()), request.version(),
                request.remoteAddress().toString(), request.localAddress().hostAddress(), headers,
                String.valueOf(request.connection().indicatedServerName()));
    }
}
