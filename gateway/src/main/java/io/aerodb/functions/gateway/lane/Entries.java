package io.aerodb.functions.gateway.lane;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** What a gateway has to tell about an invocation. */
final class Entries {

    private Entries() {}

    /** The attempt that would have come next was called off. */
    static InvocationEntry cancelled(InvocationEntry entry, int attempt, Instant at, String gateway) {
        return new InvocationEntry(entry.id(), entry.functionId(), entry.function(), entry.version(), entry.trigger(),
                InvocationStatus.CANCELLED.label(), "cancelled", "it was cancelled before it started", entry.role(), null, entry.user(),
                attempt, entry.acceptedAt(), null, at, ChronoUnit.MICROS.between(entry.acceptedAt(), at), 0, 0,
                List.of(), false, entry.request(), entry.lineage(), null, null, gateway);
    }
}
