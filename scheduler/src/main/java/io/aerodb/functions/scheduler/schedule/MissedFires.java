package io.aerodb.functions.scheduler.schedule;

import io.aerodb.functions.trigger.FireTimes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;

/** Finds the newest of many fire times without going through all of them. */
final class MissedFires {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private MissedFires() {}

    /**
     * The newest fire times that are no later than this, oldest first.
     *
     * @param first a fire time that is no later either; none before it is looked for
     * @param count how many at most, from 1
     */
    static Collection<Instant> newest(FireTimes times, Instant first, Instant until, int count) {
        var oldest = times.next(first.minusNanos(1), count + 1).stream().takeWhile(time -> !time.isAfter(until)).toList();
        if (oldest.size() <= count) {
            return oldest;
        }
        var found = new ArrayDeque<Instant>();
        var window = SECOND;
        var bound = until;
        do {
            var last = last(times, first, bound, window);
            found.addFirst(last);
            window = Duration.between(last, bound).plus(SECOND);
            bound = last.minus(SECOND); // they are at whole seconds
        } while (found.size() < count && !bound.isBefore(first));
        return found;
    }

    /** @param window in which it probably is, before {@code bound} */
    private static Instant last(FireTimes times, Instant first, Instant bound, Duration window) {
        var known = first;
        for (var width = window; bound.minus(width).isAfter(first); width = width.multipliedBy(2)) {
            var found = times.next(bound.minus(width));
            if (found.isPresent() && !found.get().isAfter(bound)) {
                known = found.get();
                break;
            }
        }
        return lastFrom(times, known, bound);
    }

    /** By bisection. @param known a fire time that is not after {@code bound} */
    private static Instant lastFrom(FireTimes times, Instant known, Instant bound) {
        var last = known;
        var noneAfter = bound;
        while (Duration.between(last, noneAfter).compareTo(SECOND) > 0) {
            var middle = last.plus(Duration.between(last, noneAfter).dividedBy(2));
            var found = times.next(middle);
            if (found.isPresent() && !found.get().isAfter(bound)) {
                last = found.get();
            } else {
                noneAfter = middle;
            }
        }
        var next = times.next(last);
        return next.isPresent() && !next.get().isAfter(bound) ? next.get() : last;
    }
}
