package io.aerodb.functions.gateway.follow;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationLog.Search;
import java.util.function.Predicate;

/** Which entries somebody follows: those that a search finds. */
record EntryFilter(Search search) implements Predicate<InvocationEntry> {

    @Override
    public boolean test(InvocationEntry entry) {
        return (search.function() == null || search.function().value().equals(entry.function()))
                && (search.status() == null || search.status().equals(entry.status()))
                && (search.trigger() == null || search.trigger().label().equals(entry.trigger()))
                && (search.cause() == null || search.cause().equals(entry.lineage().cause()))
                && (search.replayOf() == null || search.replayOf().equals(entry.lineage().replayOf()))
                && (search.since() == null || !entry.acceptedAt().isBefore(search.since()))
                && (search.until() == null || entry.acceptedAt().isBefore(search.until()));
    }
}
