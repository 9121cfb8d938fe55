package io.aerodb.functions.admission;

import io.aerodb.functions.function.CircuitPolicy;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How the calls of the last while ended, to a tenth of the window: a call counts for at least nine tenths of it. The window may change
 * from one question to the next; what is still in it stays. Not thread-safe.
 */
final class SlidingWindow {

    private static final int BUCKETS = 10;

    private final Deque<Bucket> buckets = new ArrayDeque<>();

    /** The calls that ended within a tenth of the window from {@code start} on. */
    private static final class Bucket {

        private final long start;
        private int calls;
        private int failures;

        Bucket(long start) {
            this.start = start;
        }
    }

    /** @param now as {@link System#nanoTime} counts, here and below */
    void add(boolean failed, CircuitPolicy policy, long now) {
        forget(policy, now);
        var last = buckets.peekLast();
        if (last == null || now - last.start >= policy.window().toNanos() / BUCKETS) {
            last = new Bucket(now);
            buckets.add(last);
        }
        last.calls++;
        if (failed) {
            last.failures++;
        }
    }

    /** Whether so many of enough calls failed that the policy asks to open the circuit. */
    boolean hasTooManyFailures(CircuitPolicy policy, long now) {
        forget(policy, now);
        var calls = 0L;
        var failures = 0L;
        for (var bucket : buckets) {
            calls += bucket.calls;
            failures += bucket.failures;
        }
        return calls >= policy.minCalls() && failures * 100 >= calls * policy.failurePercent();
    }

    boolean isEmpty(CircuitPolicy policy, long now) {
        forget(policy, now);
        return buckets.isEmpty();
    }

    private void forget(CircuitPolicy policy, long now) {
        while (!buckets.isEmpty() && now - buckets.getFirst().start >= policy.window().toNanos()) {
            buckets.removeFirst();
        }
    }
}
