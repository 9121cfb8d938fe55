package io.aerodb.functions.gateway.http;

import io.aerodb.functions.metrics.Histograms;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * How long requests take, from their headers to the end of their answers, and how they are answered: {@code gateway_requests_seconds}, by
 * operation and {@code 2xx} to {@code 5xx}, or {@code aborted} where the connection was gone before. Thread-safe.
 */
public final class RequestMetrics {

    private static final int ABORTED = 0;
    private static final int CLASSES = 6;

    private final MeterRegistry registry;

    public RequestMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Measures each request and goes on; to be the first handler of the operation. */
    public Handler<RoutingContext> of(String operationId) {
        var timers = new AtomicReferenceArray<Timer>(CLASSES);
        return context -> {
            var start = System.nanoTime();
            context.addEndHandler(end -> timer(timers, operationId, statusClass(context, end)).record(System.nanoTime() - start, TimeUnit.NANOSECONDS));
            context.next();
        };
    }

    private static int statusClass(RoutingContext context, AsyncResult<Void> end) {
        return end.succeeded() ? Math.clamp(context.response().getStatusCode() / 100, 1, CLASSES - 1) : ABORTED;
    }

    private Timer timer(AtomicReferenceArray<Timer> timers, String operationId, int statusClass) {
        var known = timers.get(statusClass);
        if (known != null) {
            return known;
        }
        var timer = Histograms.ofTimes("gateway.requests", "Time from a request's headers to the end of its answer")
                .tag("operation", operationId).tag("status", statusClass == ABORTED ? "aborted" : statusClass + "xx").register(registry);
        timers.set(statusClass, timer);
        return timer;
    }
}
