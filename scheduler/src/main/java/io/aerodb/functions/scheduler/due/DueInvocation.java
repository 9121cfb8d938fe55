package io.aerodb.functions.scheduler.due;

import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.RecordPosition;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * A row of {@code due_invocations} whose time has come.
 *
 * @param attempt the one that is due; 1 if the invocation was to wait before the first one
 * @param late how long it was due when it was read, by PostgreSQL's clock
 * @param request where the request of an earlier attempt stands
 */
record DueInvocation(UUID id, int attempt, Instant dueAt, Duration late, Instant acceptedAt, UUID functionId, String function, RecordPosition request) {

    /**
     * @param maxAge of which the time before a first attempt is no part, however late that is
     * @param request of the attempt before, which had longer than that if its start was put off
     */
    Instant deadline(Duration maxAge, InvocationRequest request) {
        var before = Duration.between(request.acceptedAt(), request.deadline());
        return attempt == 1 ? dueAt.plus(late).plus(maxAge) : acceptedAt.plus(before.compareTo(maxAge) > 0 ? before : maxAge);
    }
}
