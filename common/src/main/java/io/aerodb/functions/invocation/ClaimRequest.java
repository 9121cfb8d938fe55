package io.aerodb.functions.invocation;

import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * An invocation that a worker wants to run.
 *
 * @param attempt as its record says
 * @param lastAttempt the last one as which it may be taken over from a lost worker; 0 if it never may
 * @param token tells this request from all others: asked again with the same one, because the answer got lost, the answer is the same
 */
public record ClaimRequest(UUID id, Instant acceptedAt, int attempt, int lastAttempt, long token) {

    public ClaimRequest(UUID id, Instant acceptedAt, int attempt, int lastAttempt) {
        this(id, acceptedAt, attempt, lastAttempt, ThreadLocalRandom.current().nextLong());
    }

    public ClaimRequest withToken(long other) {
        return new ClaimRequest(id, acceptedAt, attempt, lastAttempt, other);
    }
}
