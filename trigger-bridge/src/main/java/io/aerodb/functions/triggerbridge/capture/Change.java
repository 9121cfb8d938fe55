package io.aerodb.functions.triggerbridge.capture;

import io.aerodb.functions.trigger.RowOperation;
import io.aerodb.functions.trigger.TableName;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the log of a database tells, in the order in which transactions were committed. */
public sealed interface Change {

    /** What follows was committed together. */
    record Begun() implements Change {}

    /** Here reading may go on after a crash, once all before it has been dealt with. */
    record Ended() implements Change {}

    /** Something was put into the log that is no change. @param transaction the lower 32 bits of its id */
    record Told(long transaction, String prefix, String content) implements Change {}

    /** Nothing happened meanwhile. */
    record Quiet() implements Change {}

    /**
     * A row was changed.
     *
     * @param key the values of the primary key; null where the table has none
     * @param before null where there was no row, or the log does not tell
     * @param after null where there is none any more
     * @param transaction the lower 32 bits of its id
     * @param lsn where the change stands in the log
     * @param ordinal of the change in its transaction, counted from 1
     */
    record Row(TableName table, RowOperation operation, @Nullable Map<String, @Nullable Object> key, @Nullable RowImage before,
            @Nullable RowImage after, long transaction, long lsn, long ordinal, Instant committedAt) implements Change {}
}
