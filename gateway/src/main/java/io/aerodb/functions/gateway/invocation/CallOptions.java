package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.idempotency.IdempotencyKey;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How a caller wants to be answered.
 *
 * @param async whether to be answered before the function has run: {@code Prefer: respond-async} (RFC 7240)
 * @param startAt when it is to start; empty for at once
 * @param key under which repeats are one request; empty where every request is a new one
 */
record CallOptions(boolean async, Optional<Instant> startAt, Optional<IdempotencyKey> key) {

    /**
     * @param longestDelay how far ahead of now the start may be
     * @throws ProblemException 400 with a header that is wrong
     */
    static CallOptions of(HttpServerRequest request, Instant now, Duration longestDelay) {
        var async = prefersAsync(request.headers().getAll("Prefer"));
        var startAt = StartTime.of(request.headers(), now, longestDelay);
        if (startAt.isPresent() && !async) {
            throw new ProblemException(Problem.invalidRequest(
                    "Delay and At are for calls that nobody waits for: send Prefer: respond-async with them"));
        }
        return new CallOptions(async, startAt, IdempotencyKey.of(request));
    }

    /** Preferences are lists, may have parameters, and those that are not known are no error. */
    static boolean prefersAsync(List<String> headers) {
        return headers.stream()
                .flatMap(header -> Arrays.stream(header.split(",")))
                .map(preference -> preference.split("[;=]", 2)[0].strip())
                .anyMatch("respond-async"::equalsIgnoreCase);
    }
}
