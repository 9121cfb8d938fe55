package io.aerodb.functions.triggerbridge.dispatch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.source.WriteCause;
import io.aerodb.functions.telemetry.TraceContext;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who made a change.
 *
 * @param cause the invocation that made it; empty for whoever came from outside
 */
record Writer(Identity identity, Optional<WriteCause> cause) {

    static final Writer UNKNOWN = new Writer(Identity.ANONYMOUS, Optional.empty());

    /** @param claims that were verified */
    static Writer of(String claims) {
        return WriteCause.object(claims).map(Writer::of).orElse(UNKNOWN);
    }

    /** What the change is a part of; null where it is not traced. */
    @Nullable TraceContext trace() {
        return cause.map(WriteCause::trace).orElse(null);
    }

    private static Writer of(ObjectNode claims) {
        var cause = WriteCause.takeFrom(claims);
        var role = Role.fromClaim(claims.path("role").asText()).orElse(Role.ANON);
        claims.put("role", role.claim());
        var subject = claims.path("sub").isTextual() ? claims.path("sub").textValue() : null;
        return new Writer(new Identity(role, subject, claims.toString()), cause);
    }
}
