package io.aerodb.functions.triggerbridge.dispatch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.source.WriteCause;
import org.jspecify.annotations.Nullable;

/**
 * Who made a change.
 *
 * @param cause the invocation that made it; null for whoever came from outside
 * @param depth of that invocation
 */
record Writer(Identity identity, @Nullable InvocationId cause, int depth) {

    static final Writer UNKNOWN = new Writer(Identity.ANONYMOUS, null, 0);

    private static final JsonMapper MAPPER = JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    /** @param claims that were verified, as one JSON object */
    static Writer of(String claims) {
        try {
            if (!(MAPPER.readTree(claims) instanceof ObjectNode object)) {
                return UNKNOWN;
            }
            var cause = object.remove(WriteCause.CLAIM);
            var role = Role.fromClaim(object.path("role").asText()).orElse(Role.ANON);
            object.put("role", role.claim());
            var identity = new Identity(role, object.path("sub").isTextual() ? object.path("sub").textValue() : null, object.toString());
            return cause == null
                    ? new Writer(identity, null, 0)
                    : new Writer(identity, InvocationId.parse(cause.path(WriteCause.INVOCATION).asText()).orElse(null), cause.path(WriteCause.DEPTH).asInt());
        } catch (JsonProcessingException e) {
            return UNKNOWN;
        }
    }
}
