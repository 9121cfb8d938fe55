package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.idempotency.IdempotencyKey;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How a caller wants to be answered.
 *
 * @param async whether to be answered before the function has run: {@code Prefer: respond-async} (RFC 7240)
 * @param key under which repeats are one request; empty where every request is a new one
 */
record CallOptions(boolean async, Optional<IdempotencyKey> key) {

    /** @throws ProblemException 400 with a header that is wrong */
    static CallOptions of(HttpServerRequest request) {
        return new CallOptions(prefersAsync(request.headers().getAll("Prefer")), IdempotencyKey.of(request));
    }

    /** Preferences are lists, may have parameters, and those that are not known are no error. */
    static boolean prefersAsync(List<String> headers) {
        return headers.stream()
                .flatMap(header -> Arrays.stream(header.split(",")))
                .map(preference -> preference.split("[;=]", 2)[0].strip())
                .anyMatch("respond-async"::equalsIgnoreCase);
    }
}
