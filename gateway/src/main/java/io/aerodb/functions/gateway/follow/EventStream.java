package io.aerodb.functions.gateway.follow;

import io.aerodb.functions.gateway.outcome.InvocationJson;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Server-sent events, as the HTML standard describes them, on one response. To be used on the event loop of its request. */
final class EventStream {

    private static final int RETRY_MILLIS = 1000;

    private static final Duration LINGER = Duration.ofSeconds(5);

    private final RoutingContext context;
    private final HttpServerResponse response;
    private long writtenAt = System.nanoTime();

    EventStream(RoutingContext context) {
        this.context = context;
        this.response = context.response();
    }

    /** Tells the client where it is before anything happens, so that whatever happens next is not lost on it. */
    void begin(LogCursor cursor, Runnable onDrain) {
        response.setChunked(true)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("X-Accel-Buffering", "no")
                .drainHandler(_ -> onDrain.run());
        write("retry: " + RETRY_MILLIS + "\nid: " + cursor + "\n\n");
    }

    void invocation(LogCursor cursor, Told told) {
        write("id: " + cursor + "\nevent: invocation\ndata: " + InvocationJson.of(told.entry(), List.of()).encode() + "\n\n");
    }

    /** A comment; with it the client gets a cursor behind all that was not for it. */
    void heartbeat(LogCursor cursor) {
        write(": heartbeat\nid: " + cursor + "\n\n");
    }

    /** Whatever the client has not taken after a while is thrown away. */
    void end(LogCursor cursor, StreamEnd end) {
        var data = new JsonObject().put("reason", end.name().toLowerCase(Locale.ROOT)).put("detail", end.detail());
        write("id: " + cursor + "\nevent: end\ndata: " + data.encode() + "\n\n");
        var hangUp = context.vertx().setTimer(LINGER.toMillis(), _ -> hangUp());
        response.end().onComplete(_ -> context.vertx().cancelTimer(hangUp));
    }

    /** Other streams on an HTTP/2 connection go on. */
    private void hangUp() {
        if (context.request().version() == HttpVersion.HTTP_2) {
            response.reset();
        } else {
            context.request().connection().close();
        }
    }

    /** Whether the client has to read before more is written. */
    boolean isFull() {
        return response.writeQueueFull();
    }

    long nanosSinceWrite() {
        return System.nanoTime() - writtenAt;
    }

    private void write(String event) {
        response.write(event);
        writtenAt = System.nanoTime();
    }
}
