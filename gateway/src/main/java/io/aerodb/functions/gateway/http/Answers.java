package io.aerodb.functions.gateway.http;

import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends requests: with JSON, with a problem, or with the problem that an exception stands for. */
public final class Answers {

    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    private Answers() {}

    public static void json(RoutingContext context, int status, JsonObject body) {
        var response = context.response();
        if (!response.ended() && !response.closed()) {
            response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(body.toBuffer());
        }
    }

    public static void problem(RoutingContext context, Problem problem) {
        var response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        if (problem.retryAfterSeconds() > 0) {
            response.putHeader(HttpHeaders.RETRY_AFTER, String.valueOf(problem.retryAfterSeconds()));
        }
        if (problem.status() == 401) {
            response.putHeader("WWW-Authenticate", "Bearer");
        }
        if (!context.request().isEnded()) {
            // what is left of the body is not worth reading
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        response.setStatusCode(problem.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.CONTENT_TYPE)
                .end(problem.toJson().toBuffer());
    }

    /** The boundary where exceptions become answers; only those nobody expected are logged. */
    public static void failure(RoutingContext context, Throwable failure) {
        problem(context, switch (failure) {
            case ProblemException e -> e.problem();
            case InvalidFunctionException e -> Problem.invalidFunction(e.code(), e.getMessage());
            case UnavailableException e -> Problem.unavailable(e.getMessage() + "; try again");
            case DecoderException e -> Problem.invalidRequest("the body cannot be decoded: " + e.getMessage());
            default -> {
                LOG.atError().addKeyValue("method", context.request().method()).addKeyValue("route", context.currentRoute())
                        .setCause(failure).log("a request broke");
                yield Problem.internal();
            }
        });
    }
}
