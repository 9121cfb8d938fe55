package io.aerodb.functions.worker.fetch;

import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is to be sent.
 *
 * @param method one of {@link #METHODS}
 * @param body not copied and never written to
 */
record FetchRequest(String method, Target target, Headers headers, byte @Nullable [] body) {

    static final Set<String> METHODS = Set.of("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE");

    private static final Set<String> EXPECTING_A_BODY = Set.of("POST", "PUT", "PATCH");
    private static final Set<String> CREDENTIALS = Set.of("authorization", "cookie");
    private static final Set<String> DESCRIBING_THE_BODY =
            Set.of("content-type", "content-encoding", "content-language", "content-location", "content-disposition", IdempotencyKey.HEADER);

    /** Whether the method asks for nothing to be changed, so that a request may be sent twice. */
    boolean isSafe() {
        return method.equals("GET") || method.equals("HEAD") || method.equals("OPTIONS");
    }

    boolean takesNoBody() {
        return method.equals("GET") || method.equals("HEAD");
    }

    /** @return empty where nothing is to be said about a body, not even that its length is 0 */
    Optional<byte[]> bodyToSend() {
        return body == null && EXPECTING_A_BODY.contains(method) ? Optional.of(new byte[0]) : Optional.ofNullable(body);
    }

    /** The request that follows an answer with this status: credentials stay with the origin they were meant for. */
    FetchRequest redirected(int status, Target next) {
        var kept = next.hasOriginOf(target) ? headers : headers.without(CREDENTIALS);
        var becomesGet = status == 303 ? !takesNoBody() : (status == 301 || status == 302) && method.equals("POST");
        return becomesGet
                ? new FetchRequest("GET", next, kept.without(DESCRIBING_THE_BODY), null)
                : new FetchRequest(method, next, kept, body);
    }
}
