package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.admission.Permit;
import io.aerodb.functions.admission.Verdict;
import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Reply;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** From the reply to the HTTP answer: here, and nowhere else, an outcome gets its status. */
final class InvocationResponse {

    /** What a function writes under these names is dropped: callers rely on them. */
    private static final Set<String> OURS = Set.of("x-invocation-id", "x-function-version", "server-timing");

    private InvocationResponse() {}

    /**
     * @param reply empty if none came before the deadline
     * @param permit ended before the answer is written, so that whoever gets it can call again
     */
    static void send(RoutingContext context, InvocationRequest request, Optional<Reply> reply, Permit permit) {
        var response = context.response();
        var verdict = reply.map(answered -> Verdict.of(answered.outcome())).orElse(Verdict.NEITHER);
        if (response.ended() || response.closed()) {
            permit.end(verdict);
            return;
        }
        if (verdict != Verdict.SUCCESS) {
            permit.end(verdict);
        }
        identify(response, request);
        if (reply.isEmpty()) {
            Answers.problem(context, timeout("no worker answered before the deadline; the function may have been not_started").about(request.id()));
            return;
        }
        response.putHeader("server-timing", "queue;dur=" + millis(reply.get().queue()) + ", run;dur=" + millis(reply.get().run()));
        switch (reply.get().outcome()) {
            case Outcome.Succeeded(var output) -> sendOutput(context, request, output, permit);
            case Outcome.Failed failed -> Answers.problem(context, Problem
                    .invocation(500, failed.code(), "The function failed", failed.message())
                    .withOutput(failed.output()).about(request.id()));
            case Outcome.TimedOut(var message) -> Answers.problem(context, timeout(message).about(request.id()));
            case Outcome.Expired(var message) -> Answers.problem(context, timeout(message).about(request.id()));
            case Outcome.MemoryExceeded exceeded -> Answers.problem(context, Problem
                    .invocation(507, exceeded.code(), "The function needs more memory than it may have", exceeded.message()).about(request.id()));
            case Outcome.Rejected rejected -> Answers.problem(context, rejection(request, rejected).about(request.id()));
        }
    }

    /** The headers that every answer about an accepted invocation carries. */
    static void identify(HttpServerResponse response, InvocationRequest request) {
        response.putHeader("x-invocation-id", request.id().toString());
        response.putHeader("x-function-version", String.valueOf(request.function().version()));
    }

    private static void sendOutput(RoutingContext context, InvocationRequest request, byte[] output, Permit permit) {
        try {
            var answer = FunctionResponse.of(output);
            permit.end(Verdict.SUCCESS);
            var response = context.response().setStatusCode(answer.status());
            answer.headers().stream().filter(header -> !OURS.contains(header.name()))
                    .forEach(header -> response.headers().add(header.name(), header.value()));
            response.end(Buffer.buffer(answer.body()));
        } catch (FunctionResponse.BadResponseException e) {
            permit.end(Verdict.FAILURE);
            Answers.problem(context, Problem
                    .invocation(502, "bad_function_response", "The function's answer is not valid HTTP", e.getMessage()).about(request.id()));
        }
    }

    private static Problem timeout(String detail) {
        return Problem.invocation(504, "function_timeout", "The function ran out of time", detail);
    }

    private static Problem rejection(InvocationRequest request, Outcome.Rejected rejected) {
        return switch (rejected.reason()) {
            case FUNCTION_NOT_FOUND -> Problem.functionNotFound(request.function().name().value());
            case MODULE_REJECTED -> Problem.invocation(422, rejected.code(), "The module cannot be run", rejected.message());
            case UNAVAILABLE -> Problem.unavailable(rejected.message());
        };
    }

    private static String millis(Duration duration) {
        return String.format(Locale.ROOT, "%.3f", duration.toNanos() / 1e6);
    }
}
