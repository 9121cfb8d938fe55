package io.aerodb.functions.invocation;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.UUID;

/**
 * Entries to be written together, one for each row: that which comes last in the invocation's life. Which one that is depends on
 * what they tell, never on the order they came in.
 *
 * @param latest one for each row, in the order of their keys, so that two writers never wait for each other crosswise
 * @param retried how attempts ended that others follow; several for a row, possibly with the one in {@code latest} among them
 */
record EntryBatch(List<InvocationEntry> latest, List<InvocationEntry> retried) {

    private static final Comparator<InvocationEntry> BY_KEY = Comparator.comparing(InvocationEntry::id).thenComparing(InvocationEntry::acceptedAt);

    private record Key(UUID id, Instant acceptedAt) {}

    static EntryBatch of(List<InvocationEntry> entries) {
        var latest = HashMap.<Key, InvocationEntry>newHashMap(entries.size());
        var retried = new ArrayList<InvocationEntry>();
        for (var entry : entries) {
            // rows know microseconds: what PostgreSQL takes for one row has to be one here
            latest.merge(new Key(entry.id(), entry.acceptedAt().truncatedTo(ChronoUnit.MICROS)), entry, EntryBatch::later);
            if (isScheduled(entry) && entry.finishedAt() != null) {
                retried.add(entry);
            }
        }
        return new EntryBatch(latest.values().stream().sorted(BY_KEY).toList(), retried);
    }

    static boolean isScheduled(InvocationEntry entry) {
        return entry.status().equals(InvocationStatus.SCHEDULED.label());
    }

    /** A status that only newer services know ends an invocation. */
    static boolean isTerminal(InvocationEntry entry) {
        return InvocationStatus.fromLabel(entry.status()).map(InvocationStatus::isTerminal).orElse(true);
    }

    private static InvocationEntry later(InvocationEntry one, InvocationEntry other) {
        return rank(other) > rank(one) ? other : one;
    }

    /** The same as {@link InvocationWrites#RANK}. */
    private static long rank(InvocationEntry entry) {
        if (isTerminal(entry)) {
            return Long.MAX_VALUE;
        }
        return isScheduled(entry) ? 2L * entry.attempt() + (entry.finishedAt() == null ? 0 : 1) : 0;
    }
}
