package io.aerodb.functions.triggerbridge.backfill;

import io.aerodb.functions.function.FunctionName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code backfills} that is running.
 *
 * @param perSecond its pace in rows, at least 1
 * @param position the last row that was dealt with; null before the first
 * @param batchAt when the invocations of the next batch count as accepted, also if it is a repeated one
 * @param dueIn when its next batch may go, by PostgreSQL's clock; zero or less if now
 */
record RunningBackfill(UUID id, UUID trigger, FunctionName function, int perSecond, @Nullable Position position, Instant batchAt, Duration dueIn) {

    private static final int BATCHES_A_SECOND = 10;
    private static final int LARGEST_BATCH = 500;

    /**
     * A row, by its primary key.
     *
     * @param columns of the key
     * @param values in the same order, as PostgreSQL writes them
     */
    record Position(List<String> columns, List<String> values) {}

    /** How many rows go at once, so that the pace is smooth and cancelling works soon. */
    int batch() {
        return Math.clamp(perSecond / BATCHES_A_SECOND, 1, LARGEST_BATCH);
    }
}
