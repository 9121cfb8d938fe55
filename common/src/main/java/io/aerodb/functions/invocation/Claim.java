package io.aerodb.functions.invocation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a worker is told when it asks for an invocation. */
public sealed interface Claim {

    /**
     * It may run it.
     *
     * @param attempt counted from 1; more than was asked for where it was taken over from a lost worker
     * @param acceptedAt as it was first claimed with, whatever a repeat says: with the id, the key of its row
     */
    record Granted(int attempt, Instant acceptedAt) implements Claim {}

    /**
     * There is nothing left to run: it has ended, or its next attempt stands in the schedule.
     *
     * @param status terminal, or {@link InvocationStatus#SCHEDULED}
     * @param code null for success, and where nothing was tried
     * @param error null where {@code code} is
     * @param version that ran; 0 where none did
     * @param result where the reply with its output stands on the log; null where there is none
     */
    record Over(InvocationStatus status, @Nullable String code, @Nullable String error, int version, @Nullable RecordPosition result)
            implements Claim {}

    /** Somebody who is there runs it, or its end is not recorded yet: to be asked for again in a while. */
    record Held() implements Claim {}

    /**
     * It went with its worker, and may not be run any more; who is told so says so in its row.
     *
     * @param attempt that was lost
     * @param acceptedAt as it was first claimed with
     */
    record Lost(int attempt, Instant acceptedAt) implements Claim {}
}
