package io.aerodb.functions.gateway.http;

import io.aerodb.functions.gateway.openapi.Operations;
import io.aerodb.functions.lifecycle.Health;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Supplier;

/** Health and metrics. */
public final class HealthHandler {

    private final Health health;
    private final Supplier<String> metrics;

    /** @param metrics as Prometheus reads them */
    public HealthHandler(Health health, Supplier<String> metrics) {
        this.health = health;
        this.metrics = metrics;
    }

    public void register(Operations operations) {
        operations.handle("live", context -> answer(context, 200, "application/json", "{\"status\":\"live\"}"));
        operations.handle("ready", context -> context.vertx().executeBlocking(health::report, false)
                .onSuccess(report -> answer(context, report.isReady() ? 200 : 503, "application/json", report.toJson()))
                .onFailure(context::fail));
        operations.handle("metrics", context -> context.vertx().executeBlocking(metrics::get, false)
                .onSuccess(text -> answer(context, 200, "text/plain; version=0.0.4; charset=utf-8", text))
                .onFailure(context::fail));
    }

    private static void answer(RoutingContext context, int status, String contentType, String body) {
        context.response().setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, contentType).end(body);
    }
}
