package io.aerodb.functions.gateway.http;

import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends requests: with JSON, with a problem, or with the problem that an exception stands for. */
public final class Answers {

    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
    private static final String INVOCATION_ID = "x-invocation-id";

    /** A client that still sends must have the time to read the answer before its connection is reset. */
    static final int LINGER_MILLIS = 500;

    private Answers() {}

    public static void json(RoutingContext context, int status, JsonObject body) {
        var response = context.response();
        if (!response.ended() && !response.closed()) {
            response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(body.toBuffer());
        }
    }

    /** The headers that every answer about an accepted invocation carries. */
    public static void identify(HttpServerResponse response, InvocationId id, int version) {
        response.putHeader(INVOCATION_ID, id.toString());
        response.putHeader("x-function-version", String.valueOf(version));
    }

    public static void problem(RoutingContext context, Problem problem) {
        var response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        if (problem.retryAfterSeconds() > 0) {
            response.putHeader(HttpHeaders.RETRY_AFTER, String.valueOf(problem.retryAfterSeconds()));
        }
        if (problem.invocation() != null) {
            response.putHeader(INVOCATION_ID, problem.invocation().toString());
        }
        problem.challenge().ifPresent(challenge -> response.putHeader("WWW-Authenticate", challenge));
        var multiplexed = context.request().version() == HttpVersion.HTTP_2;
        var hangUp = !multiplexed && isStillSending(context.request());
        if (hangUp) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        response.setStatusCode(problem.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.CONTENT_TYPE)
                .end(problem.toJson().toBuffer())
                .onComplete(_ -> {
                    if (hangUp) {
                        context.vertx().setTimer(LINGER_MILLIS, _ -> context.request().connection().close());
                    } else if (multiplexed && !context.request().isEnded()) {
                        context.vertx().setTimer(LINGER_MILLIS, _ -> reset(context)); // of this request; others share its connection
                    }
                });
    }

    private static void reset(RoutingContext context) {
        if (!context.request().isEnded()) {
            context.response().reset(0);
        }
    }

    /** Whether the rest of a body is on its way: it is not worth reading any more. */
    private static boolean isStillSending(HttpServerRequest request) {
        var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        var hasBody = length == null ? request.headers().contains(HttpHeaders.TRANSFER_ENCODING) : !length.equals("0");
        return hasBody && !request.isEnded();
    }

    /** The boundary where exceptions become answers; only those nobody expected are logged. */
    public static void failure(RoutingContext context, Throwable failure) {
        problem(context, switch (failure) {
            case ProblemException e -> e.problem();
            case InvalidFunctionException e -> Problem.invalidFunction(e.code(), e.getMessage());
            case UnavailableException e -> Problem.unavailable(e.getMessage() + "; try again");
            case DecoderException _ -> Problem.invalidRequest("the body cannot be decoded");
            default -> {
                var line = LOG.atError().addKeyValue("method", context.request().method()).addKeyValue("path", context.normalizedPath());
                var invocation = context.response().headers().get(INVOCATION_ID);
                (invocation == null ? line : line.addKeyValue("invocationId", invocation)).setCause(failure).log("a request broke");
                yield Problem.internal();
            }
        });
    }
}
