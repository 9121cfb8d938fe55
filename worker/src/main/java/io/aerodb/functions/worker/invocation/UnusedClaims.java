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
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;

/**
 * Requests that may have been granted without anyone's hearing of it. Who asks for the invocation again asks with the same token, however
 * long its record waits for a slot; if nobody does, because the record is another worker's by now, the claim has to be given up: as long as
 * this worker lives it would keep all others from running it. Thread-safe.
 */
final class UnusedClaims {

    /** Long enough for a slot that has the record still to ask with it. */
    private static final Duration AGE = Duration.ofSeconds(30);
    private static final int MAX = 10_000;

    /** Oldest first. */
    private final Map<UUID, Unheard> unheard = new LinkedHashMap<>();
    private final List<ClaimRequest> useless = new ArrayList<>();

    /** @param partition where the invocation's record is */
    record Asked(ClaimRequest request, TopicPartition partition) {}

    private record Unheard(ClaimRequest request, TopicPartition partition, long sinceNanos) {}

    /** @return the request that the next one for this invocation repeats. It is for one of us: two with one token would both be granted it */
    synchronized Optional<ClaimRequest> take(UUID id) {
        return Optional.ofNullable(unheard.remove(id)).map(Unheard::request);
    }

    /** Notes requests that were asked, and whose answers are not known. */
    synchronized void asked(Collection<Asked> all, long nowNanos) {
        for (var asked : all) {
            var request = asked.request();
            var before = unheard.remove(request.id());
            unheard.put(request.id(), new Unheard(request, asked.partition(), nowNanos));
            if (before != null && before.request().token() != request.token()) {
                useless(before.request());
            }
        }
    }

    /** Notes requests that were not asked this time; before that they may have been. */
    synchronized void notAsked(Collection<Asked> all, long nowNanos) {
        for (var asked : all) {
            var request = asked.request();
            var before = unheard.putIfAbsent(request.id(), new Unheard(request, asked.partition(), nowNanos));
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

    /**
     * Takes out what is to be given up now.
     *
     * @param here the partitions that are this worker's, whose records will ask again
     */
    synchronized List<ClaimRequest> takeUseless(long nowNanos, Predicate<TopicPartition> here) {
        var oldest = unheard.values().iterator();
        while (oldest.hasNext()) {
            var next = oldest.next();
            var tooMany = unheard.size() > MAX;
            if (!tooMany && nowNanos - next.sinceNanos() < AGE.toNanos()) {
                break;
            }
            if (tooMany || !here.test(next.partition())) {
                oldest.remove();
                useless(next.request());
            }
        }
        var taken = List.copyOf(useless);
        useless.clear();
        return taken;
    }
}
