package io.aerodb.functions.gateway.outcome;

import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.invocation.HttpCall.Header;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.Outcome;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP answer that the end of an invocation stands for: here, and nowhere else, an outcome gets its status. The same end gives
 * the same answer, whether its caller waited for it or asks later.
 *
 * @param headers of the function's own answer, names in lower case
 * @param problem what is answered instead of output, or null
 */
public record InvocationAnswer(int status, List<Header> headers, byte[] body, @Nullable Problem problem) {

    /** What a function writes under these names is dropped: callers rely on them. */
    private static final Set<String> OURS = Set.of("x-invocation-id", "x-function-version", "server-timing", "idempotent-replayed");

    public InvocationAnswer {
        headers = List.copyOf(headers);
    }

    /** @param function its name, for a caller that asks why */
    public static InvocationAnswer of(InvocationId id, String function, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Succeeded(var output) -> ofOutput(id, output);
            case Outcome.Failed failed -> ofProblem(id, Problem
                    .invocation(500, failed.code(), "The function failed", failed.message()).withOutput(failed.output()));
            case Outcome.TimedOut(var message) -> ofProblem(id, timeout(message));
            case Outcome.Expired(var message) -> ofProblem(id, timeout(message));
            case Outcome.MemoryExceeded exceeded -> ofProblem(id, Problem
                    .invocation(507, exceeded.code(), "The function needs more memory than it may have", exceeded.message()));
            case Outcome.Rejected rejected -> ofProblem(id, rejection(function, rejected));
        };
    }

    /** No worker has answered in time. */
    public static InvocationAnswer noReply(InvocationId id) {
        return ofProblem(id, timeout("no worker answered before the deadline; the function may have been not_started"));
    }

    public static InvocationAnswer ofProblem(InvocationId id, Problem problem) {
        var about = problem.about(id);
        return new InvocationAnswer(about.status(), List.of(new Header("content-type", Problem.CONTENT_TYPE)), about.toJson().toBuffer().getBytes(), about);
    }

    public void send(RoutingContext context) {
        var response = context.response();
        if (problem != null) {
            Answers.problem(context, problem);
        } else if (!response.ended() && !response.closed()) {
            response.setStatusCode(status);
            headers.stream().map(Header::name).filter(name -> name.startsWith("access-control-")).forEach(response.headers()::remove); // its own rules win
            headers.forEach(header -> response.headers().add(header.name(), header.value()));
            response.end(Buffer.buffer(body));
        }
    }

    /** The answer as a member of a JSON document: the body as JSON if it says that it is, else as text, else in base64. */
    JsonObject toJson() {
        var shown = new JsonObject();
        headers.forEach(header -> {
            var before = shown.getValue(header.name());
            shown.put(header.name(), before == null ? header.value()
                    : before instanceof JsonArray several ? several.add(header.value())
                    : JsonArray.of(before, header.value()));
        });
        var json = new JsonObject().put("status", status).put("headers", shown);
        return putBody(json);
    }

    private JsonObject putBody(JsonObject json) {
        if (body.length == 0) {
            return json.putNull("body").put("body_encoding", "none");
        }
        var text = text();
        if (text == null) {
            return json.put("body", Base64.getEncoder().encodeToString(body)).put("body_encoding", "base64");
        }
        if (headers.stream().anyMatch(header -> header.name().equals("content-type") && header.value().matches("(?i)application/([\\w.-]+\\+)?json\\b.*"))) {
            try {
                return json.put("body", Json.decodeValue(text)).put("body_encoding", "json");
            } catch (DecodeException e) {
                // the function calls it JSON, and it is not
            }
        }
        return json.put("body", text).put("body_encoding", "text");
    }

    /** Null where the body is no text in UTF-8. */
    private @Nullable String text() {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static InvocationAnswer ofOutput(InvocationId id, byte[] output) {
        try {
            var answer = FunctionResponse.of(output);
            return new InvocationAnswer(answer.status(),
                    answer.headers().stream().filter(header -> !OURS.contains(header.name())).toList(), answer.body(), null);
        } catch (FunctionResponse.BadResponseException e) {
            return ofProblem(id, Problem.invocation(502, "bad_function_response", "The function's answer is not valid HTTP", e.getMessage()));
        }
    }

    private static Problem timeout(String detail) {
        return Problem.invocation(504, "function_timeout", "The function ran out of time", detail);
    }

    private static Problem rejection(String function, Outcome.Rejected rejected) {
        return switch (rejected.reason()) {
            case FUNCTION_NOT_FOUND -> Problem.functionNotFound(function);
            case MODULE_REJECTED -> Problem.invocation(422, rejected.code(), "The module cannot be run", rejected.message());
            case UNAVAILABLE -> Problem.unavailable(rejected.message());
        };
    }
}
