package io.aerodb.functions.invocation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A record that was put aside because it could not be processed, or because all attempts at it were used up.
 *
 * @param position where the dead letter itself stands on the log
 * @param attempts how often it was tried; 0 where it could not even be read
 * @param invocation null for a record that could not be read
 * @param acceptedAt null where {@code invocation} is
 * @param function name of the function; null where {@code invocation} is
 * @param source where the record stood
 * @param replayedAs the invocation that ran its request again, or null
 */
public record DeadLetter(
        RecordPosition position,
        Instant createdAt,
        String reason,
        int attempts,
        @Nullable InvocationId invocation,
        @Nullable Instant acceptedAt,
        @Nullable String function,
        RecordPosition source,
        @Nullable InvocationId replayedAs) {}
