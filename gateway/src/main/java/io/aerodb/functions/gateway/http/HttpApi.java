package io.aerodb.functions.gateway.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import org.jspecify.annotations.Nullable;

/** How errors are answered, whatever the route. */
public final class HttpApi {

    private HttpApi() {}

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
                .onComplete(_ -> Vertx.currentContext().owner().setTimer(Answers.LINGER_MILLIS, _ -> request.connection().close()));
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
}
