package io.aerodb.functions.gateway.lane;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.RecordPosition;
import java.time.Instant;
import java.util.List;

/** What a gateway has to tell about an invocation. */
final class Entries {

    private Entries() {}

    /** The request is on the log, and nothing has been tried. */
    static InvocationEntry accepted(InvocationRequest request, RecordPosition position, String gateway) {
        return new InvocationEntry(request.id().value(), request.function().functionId(), request.function().name().value(),
                request.function().version(), request.trigger().label(), InvocationStatus.ACCEPTED.label(), null, null,
                request.identity().role().claim(), null, request.identity().user().orElse(null), request.attempt(), request.acceptedAt(),
                null, null, 0, 0, 0, List.of(), false, position, request.lineage(), null, null, gateway);
    }

    /** It was called off; what is known of attempts before stays. */
    static InvocationEntry cancelled(InvocationEntry entry, Instant at, String gateway) {
        return new InvocationEntry(entry.id(), entry.functionId(), entry.function(), entry.version(), entry.trigger(),
                InvocationStatus.CANCELLED.label(), "cancelled", "it was cancelled before it started", entry.role(), entry.runAs(), entry.user(),
                entry.attempt(), entry.acceptedAt(), entry.startedAt(), at, entry.queueMicros(), entry.runMicros(), entry.memoryPeakBytes(),
                entry.log(), entry.logTruncated(), entry.request(), entry.lineage(), null, null, gateway);
    }
}
