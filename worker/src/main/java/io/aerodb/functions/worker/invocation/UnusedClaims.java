package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.invocation.ClaimRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Requests that may have been granted without anyone's hearing of it. Who asks for the invocation again asks with the same token; if
 * nobody does, because the record is another worker's by now, the claim has to be given up: as long as this worker lives it would keep
 * all others from running it. Thread-safe.
 */
final class UnusedClaims {

    /** Long enough for a record that is held to get its turn again. */
    private static final Duration AGE = Duration.ofSeconds(30);
    private static final int MAX = 10_000;

    /** Oldest first. */
    private final Map<UUID, Unheard> unheard = new LinkedHashMap<>();
    private final List<ClaimRequest> useless = new ArrayList<>();

    private record Unheard(ClaimRequest request, long sinceNanos) {}

    /** @return the request that the next one for this invocation repeats. It is for one of us: two with one token would both be granted it */
    synchronized Optional<ClaimRequest> take(UUID id) {
        return Optional.ofNullable(unheard.remove(id)).map(Unheard::request);
    }

    /** Notes requests that were asked, and whose answers are not known. */
    synchronized void asked(Collection<ClaimRequest> requests, long nowNanos) {
        for (var request : requests) {
            var before = unheard.remove(request.id());
            unheard.put(request.id(), new Unheard(request, nowNanos));
            if (before != null && before.request().token() != request.token()) {
                useless(before.request());
            }
        }
    }

    /** Notes requests that were not asked this time; before that they may have been. */
    synchronized void notAsked(Collection<ClaimRequest> requests, long nowNanos) {
        for (var request : requests) {
            var before = unheard.putIfAbsent(request.id(), new Unheard(request, nowNanos));
            if (before != null && before.request().token() != request.token()) {
                useless(request);
            }
        }
    }

    /** Notes a request whose answer nothing can be made of. */
    synchronized void useless(ClaimRequest request) {
        if (useless.size() < MAX) {
            useless.add(request);
        }
    }

    /** Takes out what is to be given up now. */
    synchronized List<ClaimRequest> takeUseless(long nowNanos) {
        var oldest = unheard.values().iterator();
        while (oldest.hasNext()) {
            var next = oldest.next();
            if (nowNanos - next.sinceNanos() < AGE.toNanos() && unheard.size() <= MAX) {
                break;
            }
            oldest.remove();
            useless(next.request());
        }
        var taken = List.copyOf(useless);
        useless.clear();
        return taken;
    }
}
