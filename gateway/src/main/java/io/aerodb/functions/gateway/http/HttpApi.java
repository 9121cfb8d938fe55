package io.aerodb.functions.gateway.http;

import io.aerodb.functions.lifecycle.Health;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What holds for every route: health, metrics, and how errors are answered. */
public final class HttpApi {

    private HttpApi() {}

    public static void mountOperations(Router router, Health health, Supplier<String> metrics) {
        router.get("/health/live").handler(context -> answer(context, 200, "application/json", "{\"status\":\"live\"}"));
        router.get("/health/ready").handler(context -> context.vertx().executeBlocking(health::report, false)
                .onSuccess(report -> answer(context, report.isReady() ? 200 : 503, "application/json", report.toJson()))
                .onFailure(context::fail));
        router.get("/metrics").handler(context -> context.vertx().executeBlocking(metrics::get, false)
                .onSuccess(text -> answer(context, 200, "text/plain; version=0.0.4; charset=utf-8", text))
                .onFailure(context::fail));
    }

    /** @param maxPayloadBytes what a 413 tells the caller */
    public static void mountErrors(Router router, long maxPayloadBytes) {
        router.route().failureHandler(context -> {
            var decidedByTheLibrary = context.failure() == null || context.failure() instanceof HttpException || context.statusCode() != 500;
            if (decidedByTheLibrary) {
                Answers.problem(context, ofStatus(context, context.statusCode(), maxPayloadBytes));
            } else {
                Answers.failure(context, context.failure());
            }
        });
        router.errorHandler(404, context -> Answers.problem(context, ofStatus(context, 404, maxPayloadBytes)));
        var allowed = new AllowedMethods(router);
        router.errorHandler(405, context -> {
            context.response().putHeader(HttpHeaders.ALLOW, allowed.at(context.normalizedPath()));
            Answers.problem(context, ofStatus(context, 405, maxPayloadBytes));
        });
        router.errorHandler(400, context -> Answers.problem(context, ofStatus(context, 400, maxPayloadBytes))); // a path or query with a wrong escape
    }

    /** Answers what is not even HTTP that could be routed, and hangs up. */
    public static void answerUnparsable(HttpServerRequest request) {
        var problem = switch (request.decoderResult().cause()) {
            case TooLongHttpHeaderException _ -> Problem.headersTooLarge();
            case TooLongHttpLineException _ -> Problem.uriTooLong();
            case null, default -> Problem.invalidRequest("the request is not valid HTTP");
        };
        request.response()
                .setStatusCode(problem.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.CONTENT_TYPE)
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                .end(problem.toJson().toBuffer())
                .onComplete(_ -> request.connection().close());
    }

    /** What the web library decided by itself. */
    private static Problem ofStatus(RoutingContext context, int status, long maxPayloadBytes) {
        return switch (status) {
            case 404 -> isPath(context.request().path()) ? Problem.notFound(context.normalizedPath())
                    : Problem.invalidRequest("the request's target is no path: it has to begin with '/'");
            case 405 -> Problem.methodNotAllowed(context.request().method().name());
            case 413 -> Problem.payloadTooLarge(maxPayloadBytes);
            case 400, 415 -> Problem.invalidRequest("the request is not valid HTTP");
            default -> Problem.internal();
        };
    }

    /** What else a target may be need not even be one that can be normalized. */
    private static boolean isPath(@Nullable String target) {
        return target != null && target.startsWith("/");
    }

    private static void answer(RoutingContext context, int status, String contentType, String body) {
        context.response().setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, contentType).end(body);
    }
}
