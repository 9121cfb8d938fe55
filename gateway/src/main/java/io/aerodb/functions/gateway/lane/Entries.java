package io.aerodb.functions.gateway.lane;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationStatus;
import java.time.Instant;

/** What a gateway has to tell about an invocation. */
final class Entries {

    private Entries() {}

    /** It was called off; what is known of attempts before stays. */
    static InvocationEntry cancelled(InvocationEntry entry, Instant at, String gateway) {
        return new InvocationEntry(entry.id(), entry.functionId(), entry.function(), entry.version(), entry.trigger(),
                InvocationStatus.CANCELLED.label(), "cancelled", "it was cancelled before it started", entry.role(), entry.runAs(), entry.user(),
                entry.attempt(), entry.acceptedAt(), entry.startedAt(), at, entry.queueMicros(), entry.runMicros(), entry.memoryPeakBytes(),
                entry.log(), entry.logTruncated(), entry.request(), entry.lineage(), null, null, gateway);
    }
}
