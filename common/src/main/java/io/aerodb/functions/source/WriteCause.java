package io.aerodb.functions.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.telemetry.TraceContext;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which invocation makes a query: a member of the claims that the worker signs, and that the log tells with what the query writes. One
 * that a caller's token brings along is not passed on.
 *
 * @param depth how many invocations stand between it and what came from outside
 * @param trace that the query is a part of; null where it is not traced
 */
public record WriteCause(InvocationId invocation, int depth, @Nullable TraceContext trace) {

    private static final String CLAIM = "aerodb_cause";
    private static final String INVOCATION = "invocation";
    private static final String DEPTH = "depth";
    private static final String TRACEPARENT = "traceparent";
    private static final String TRACESTATE = "tracestate";
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /** The same identity, for queries of this invocation. */
    public Identity in(Identity identity) {
        var claims = object(identity.claims()).orElseThrow(() -> new IllegalArgumentException("claims are one JSON object"));
        var cause = claims.putObject(CLAIM).put(INVOCATION, invocation.toString()).put(DEPTH, depth);
        if (trace != null) {
            cause.put(TRACEPARENT, trace.traceparent());
            if (trace.tracestate() != null) {
                cause.put(TRACESTATE, trace.tracestate());
            }
        }
        return new Identity(identity.role(), identity.subject(), claims.toString());
    }

    /**
     * Takes the cause out of claims.
     *
     * @return empty if they have none
     */
    public static Optional<WriteCause> takeFrom(ObjectNode claims) {
        var cause = claims.remove(CLAIM);
        return cause == null
                ? Optional.empty()
                : InvocationId.parse(cause.path(INVOCATION).asText()).map(id -> new WriteCause(id, cause.path(DEPTH).asInt(),
                        TraceContext.of(cause.path(TRACEPARENT).textValue(), cause.path(TRACESTATE).textValue()).orElse(null)));
    }

    /** Claims as a tree; empty if the text is no JSON object. */
    public static Optional<ObjectNode> object(String claims) {
        try {
            @Nullable Object tree = MAPPER.readTree(claims);
            return tree instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
