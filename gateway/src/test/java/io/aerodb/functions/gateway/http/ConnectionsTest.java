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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConnectionsTest {

    private static final Duration IDLE = Duration.ofSeconds(2);
    private static final Duration BODY = Duration.ofMillis(500);
    private static final int WINDOW = 65_535;
    private static final int LARGE = 8 << 20;

    private final Connections connections = new Connections(10, IDLE, BODY, () -> { });
    private final Vertx vertx = connections.vertx();
    private final Vertx clients = Vertx.vertx();

    @AfterEach
    void stop() {
        LocalServer.await(clients.close());
        LocalServer.await(vertx.close());
    }

    @ParameterizedTest
    @EnumSource(value = HttpVersion.class, names = {"HTTP_1_1", "HTTP_2"})
    void letsAClientReadSlowly(HttpVersion version) {
        var received = new AtomicInteger();
        var ended = new AtomicBoolean();
        var response = get(version);
        response.handler(chunk -> received.addAndGet(chunk.length())).endHandler(_ -> ended.set(true));
        var slowly = clients.setPeriodic(100, _ -> response.fetch(1));
        clients.setTimer(IDLE.multipliedBy(5).dividedBy(2).toMillis(), _ -> {
            clients.cancelTimer(slowly);
            response.resume();
        });
        await().atMost(Duration.ofMinutes(1)).until(ended::get);
        assertEquals(LARGE, received.get());
    }

    @ParameterizedTest
    @EnumSource(value = HttpVersion.class, names = {"HTTP_1_1", "HTTP_2"})
    void hangsUpOnAClientThatDoesNotRead(HttpVersion version) {
        get(version);
        await().until(() -> connections.open() == 1);
        await().atMost(Duration.ofSeconds(30)).until(() -> connections.open() == 0);
    }

    @ParameterizedTest
    @EnumSource(value = HttpVersion.class, names = {"HTTP_1_1", "HTTP_2"})
    void answersABodyThatDoesNotCome(HttpVersion version) {
        var memory = new PayloadMemory(1000, () -> { });
        var request = request(version, new PayloadReader(1000, memory)::read);
        var response = LocalServer.await(request.compose(begun -> {
            begun.setChunked(true).write("begun");
            return begun.response();
        }));
        assertEquals(408, response.statusCode());
        await().until(() -> memory.used() == 0);
    }

    /** A large answer, of which nothing is read yet. */
    private HttpClientResponse get(HttpVersion version) {
        var request = request(version, context -> context.response().end(Buffer.buffer(new byte[LARGE])));
        return LocalServer.await(request.compose(sent -> sent.send().onSuccess(HttpClientResponse::pause)));
    }

    private Future<HttpClientRequest> request(HttpVersion version, Handler<RoutingContext> handler) {
        var router = Router.router(vertx);
        HttpApi.mountErrors(router, 1000);
        router.route().handler(connections::watch).handler(handler);
        var server = LocalServer.await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
        var options = new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false)
                .setInitialSettings(new Http2Settings().setInitialWindowSize(WINDOW)).setReceiveBufferSize(WINDOW);
        var to = new RequestOptions().setMethod(HttpMethod.POST).setHost("127.0.0.1").setPort(server.actualPort()).setURI("/");
        return clients.createHttpClient(options).request(to);
    }
}
