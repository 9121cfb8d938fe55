package io.aerodb.functions.gateway.lane;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.RecordPosition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a gateway has to tell about an invocation. */
final class Entries {

    private Entries() {}

    /** The request is on the log, and nothing has been tried. */
    static InvocationEntry accepted(InvocationRequest request, RecordPosition position, String gateway) {
        return untried(request, InvocationStatus.ACCEPTED, position, null, gateway);
    }

    /** The request is on the log, and is to be tried at a time to come. */
    static InvocationEntry delayed(InvocationRequest request, RecordPosition position, Instant startAt, String gateway) {
        return untried(request, InvocationStatus.SCHEDULED, position, startAt, gateway);
    }

    private static InvocationEntry untried(InvocationRequest request, InvocationStatus status, RecordPosition position, @Nullable Instant startAt,
            String gateway) {
        return new InvocationEntry(request.id().value(), request.function().functionId(), request.function().name().value(),
                request.function().version(), request.trigger().label(), status.label(), null, null,
                request.identity().role().claim(), null, request.identity().user().orElse(null), request.attempt(), request.acceptedAt(),
                null, null, 0, 0, 0, List.of(), false, position, request.lineage(), startAt, null, gateway);
    }

    /** The attempt that would have come next was called off. */
    static InvocationEntry cancelled(InvocationEntry entry, int attempt, Instant at, String gateway) {
        return new InvocationEntry(entry.id(), entry.functionId(), entry.function(), entry.version(), entry.trigger(),
                InvocationStatus.CANCELLED.label(), "cancelled", "it was cancelled before it started", entry.role(), null, entry.user(),
                attempt, entry.acceptedAt(), null, at, ChronoUnit.MICROS.between(entry.acceptedAt(), at), 0, 0,
                List.of(), false, entry.request(), entry.lineage(), null, null, gateway);
    }
}
