package io.aerodb.functions.admission;

import io.aerodb.functions.function.RateLimit;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A token bucket that fills by the passing of time alone. The limit is given with each question, so a changed one holds from then on.
 * Thread-safe, without a lock.
 */
final class TokenBucket {

    /** So many parts has a token: as many come back in a nanosecond as tokens in a second. */
    private static final long TOKEN = TimeUnit.SECONDS.toNanos(1);

    private final AtomicReference<Level> level;

    /** @param missing parts of tokens that were missing at that time, when the limit was this */
    private record Level(long at, long missing, RateLimit limit, int sharers) {}

    /** A full one. @param now as {@link System#nanoTime} counts, here and below */
    TokenBucket(long now) {
        this.level = new AtomicReference<>(new Level(now, 0, new RateLimit(1, 1), 1));
    }

    /**
     * Takes a token if there is one.
     *
     * @param sharers how many keep to the limit together, at least 1; each has its part of it, and a burst of at least one
     * @return zero, or how long it will be until there is one
     */
    Duration tryTake(RateLimit limit, int sharers, long now) {
        while (true) {
            var before = level.get();
            var missing = missing(before, limit, sharers, now);
            var wait = untilNext(missing, limit, sharers);
            if (wait > 0) {
                return Duration.ofNanos(wait);
            }
            if (level.compareAndSet(before, new Level(now, missing + TOKEN, limit, sharers))) {
                return Duration.ZERO;
            }
        }
    }

    /** Zero if there is a token, or how long it will be until there is one. */
    Duration untilNext(RateLimit limit, int sharers, long now) {
        return Duration.ofNanos(Math.max(0, untilNext(missing(level.get(), limit, sharers, now), limit, sharers)));
    }

    boolean isFull(long now) {
        var last = level.get();
        return missing(last, last.limit(), last.sharers(), now) == 0;
    }

    /** No more than all of them, so that what was taken from a larger bucket is not paid for by a smaller. */
    private static long missing(Level level, RateLimit limit, int sharers, long now) {
        var missing = Math.min(level.missing(), burst(limit, sharers));
        var elapsed = Math.max(0, now - level.at());
        return elapsed >= nanosToGet(missing, limit, sharers) ? 0 : missing - elapsed * limit.perSecond() / sharers;
    }

    private static long untilNext(long missing, RateLimit limit, int sharers) {
        return nanosToGet(missing + TOKEN - burst(limit, sharers), limit, sharers);
    }

    private static long nanosToGet(long parts, RateLimit limit, int sharers) {
        return Math.ceilDiv(parts * sharers, limit.perSecond());
    }

    private static long burst(RateLimit limit, int sharers) {
        return Math.ceilDiv(limit.burst(), sharers) * TOKEN;
    }
}
