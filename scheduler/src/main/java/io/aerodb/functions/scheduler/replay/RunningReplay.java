package io.aerodb.functions.scheduler.replay;

import io.aerodb.functions.invocation.ReplayFilter;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code replays} that is running.
 *
 * @param filter says which invocations
 * @param batchAt when the invocations of the next batch count as accepted, also if it is a repeated one
 * @param version to run; null for the one that each invocation ran
 * @param left invocations that it may still deal with
 * @param perSecond its pace, at least 1
 * @param position the last invocation that was dealt with; null before the first
 */
record RunningReplay(
        UUID id,
        ReplayFilter filter,
        Instant batchAt,
        @Nullable Integer version,
        int left,
        int perSecond,
        @Nullable Position position) {

    private static final int BATCHES_A_SECOND = 10;
    private static final int LARGEST_BATCH = 100;

    /** A place in the order in which invocations are replayed. */
    record Position(Instant acceptedAt, UUID invocation) {}

    String function() {
        return filter.function();
    }

    /** How many go at once, so that the pace is smooth and cancelling works soon. */
    int batch() {
        return Math.min(left, Math.clamp(perSecond / BATCHES_A_SECOND, 1, LARGEST_BATCH));
    }
}
