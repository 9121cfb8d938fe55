package io.aerodb.functions.gateway.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConnectionsTest {

    private static final Duration IDLE = Duration.ofSeconds(1);
    private static final Duration BODY = Duration.ofMillis(500);
    private static final int WINDOW = 65_535;
    private static final int LARGE = 8 << 20;

    private final List<Vertx> servers = new ArrayList<>();
    private final Vertx clients = Vertx.vertx();

    @AfterEach
    void stop() {
        LocalServer.await(clients.close());
        servers.forEach(server -> LocalServer.await(server.close()));
    }

    @ParameterizedTest
    @EnumSource(value = HttpVersion.class, names = {"HTTP_1_1", "HTTP_2"})
    void letsAClientReadSlowly(HttpVersion version) {
        var received = new AtomicInteger();
        var ended = new AtomicBoolean();
        var response = largeAnswer(version, new Connections(10, IDLE, BODY, () -> { }));
        response.handler(chunk -> received.addAndGet(chunk.length())).endHandler(_ -> ended.set(true));
        var slowly = clients.setPeriodic(100, _ -> response.fetch(1));
        clients.setTimer(IDLE.multipliedBy(3).toMillis(), _ -> {
            clients.cancelTimer(slowly);
            response.resume();
        });
        await().atMost(Duration.ofMinutes(1)).until(ended::get);
        assertEquals(LARGE, received.get());
    }

    @ParameterizedTest
    @EnumSource(value = HttpVersion.class, names = {"HTTP_1_1", "HTTP_2"})
    void hangsUpOnAClientThatDoesNotRead(HttpVersion version) {
        var connections = new Connections(10, IDLE, BODY, () -> { });
        var response = largeAnswer(version, connections);
        await().atMost(Duration.ofMinutes(1)).until(() -> connections.open() == 0);
        response.resume(); // or the client would not hear of it, and could not be closed
    }

    @ParameterizedTest
    @EnumSource(value = HttpVersion.class, names = {"HTTP_1_1", "HTTP_2"})
    void answersABodyThatDoesNotCome(HttpVersion version) {
        var memory = new PayloadMemory(1000, () -> { });
        var connections = new Connections(10, Duration.ofMinutes(1), BODY, () -> { });
        var response = LocalServer.await(request(version, serve(connections, new PayloadReader(1000, memory)::read)).compose(begun -> {
            begun.setChunked(true).write("begun");
            return begun.response();
        }));
        assertEquals(408, response.statusCode());
        await().until(() -> memory.used() == 0);
    }

    /** None of it is read yet. On a busy machine a connection may be idle for too long before there is a request. */
    private HttpClientResponse largeAnswer(HttpVersion version, Connections connections) {
        var port = serve(connections, context -> context.response().end(Buffer.buffer(new byte[LARGE])));
        return await().atMost(Duration.ofMinutes(1)).until(
                () -> request(version, port).compose(sent -> sent.send().onSuccess(HttpClientResponse::pause))
                        .toCompletionStage().toCompletableFuture().handle((response, failure) -> Optional.ofNullable(response)).get(),
                Optional::isPresent).orElseThrow();
    }

    private int serve(Connections connections, Handler<RoutingContext> handler) {
        var vertx = connections.vertx();
        servers.add(vertx);
        var router = Router.router(vertx);
        HttpApi.mountErrors(router, 1000);
        router.route().handler(connections::watch).handler(handler);
        return LocalServer.await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1")).actualPort();
    }

    private Future<HttpClientRequest> request(HttpVersion version, int port) {
        var options = new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false)
                .setInitialSettings(new Http2Settings().setInitialWindowSize(WINDOW)).setReceiveBufferSize(WINDOW);
        return clients.createHttpClient(options).request(new RequestOptions().setMethod(HttpMethod.POST).setHost("127.0.0.1").setPort(port).setURI("/"));
    }
}
