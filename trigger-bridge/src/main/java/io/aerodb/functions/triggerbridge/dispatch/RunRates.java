package io.aerodb.functions.triggerbridge.dispatch;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Caps how often one row, or one table, may run one function: a loop through something that does not say what caused a write would
 * never end. Each has as many runs as the cap says, and gets them back over a minute. For one thread.
 */
final class RunRates {

    private static final double MINUTE_NANOS = 60e9;

    private final int perMinute;
    private final Map<String, Bucket> buckets;

    private record Bucket(double left, long at) {}

    /** @param kept how many are remembered; against the others nothing is held */
    RunRates(int perMinute, int kept) {
        this.perMinute = perMinute;
        this.buckets = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
                return size() > kept;
            }
        };
    }

    /**
     * Whether there may be one more run; if so, it is counted.
     *
     * @param which function and row, or function and table
     * @param changedAt when the row was changed, however late that is read
     */
    boolean tryTake(String which, Instant changedAt) {
        var now = ChronoUnit.NANOS.between(Instant.EPOCH, changedAt);
        var bucket = buckets.getOrDefault(which, new Bucket(perMinute, now));
        var left = Math.min(perMinute, bucket.left() + Math.max(0, now - bucket.at()) * perMinute / MINUTE_NANOS);
        buckets.put(which, new Bucket(left >= 1 ? left - 1 : left, now));
        return left >= 1;
    }
}
