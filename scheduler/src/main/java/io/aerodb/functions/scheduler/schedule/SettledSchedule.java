package io.aerodb.functions.scheduler.schedule;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is to stand in a row of {@code schedules} from now on.
 *
 * @param dueAt null if it never fires again
 * @param missedAt when the fire that is due then will have been missed; null if it never fires again, or is put off
 * @param last the fire that the next one must not overlap; null leaves what is there
 */
record SettledSchedule(UUID id, Instant settledUntil, @Nullable Instant dueAt, @Nullable Instant missedAt, @Nullable LastFire last) {

    /** @param overBy when it has ended in any case, because it may not be tried any more */
    record LastFire(UUID invocation, Instant acceptedAt, Instant overBy) {}
}
