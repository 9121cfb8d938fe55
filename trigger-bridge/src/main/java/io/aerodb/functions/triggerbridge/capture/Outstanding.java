package io.aerodb.functions.triggerbridge.capture;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The places of the log behind which reading may go on after a crash, until all before them has been dealt with. For one thread.
 *
 * @param <E> how a place is told
 */
final class Outstanding<E> {

    /**
     * Whoever keeps the place does so every half a second, so there is no need of more. But a place may turn out to be no boundary, so
     * the next that is known to be one is taken in any case.
     */
    private static final long APART_NANOS = Duration.ofMillis(100).toNanos();

    private final Queue<Place<E>> places = new ArrayDeque<>();
    private final LongSupplier nanos;
    private long keptNanos;
    private boolean keptSettled;

    private record Place<E>(@Nullable E place, Handled handled) {}

    /** @param nanos a clock that runs evenly */
    Outstanding(LongSupplier nanos) {
        this.nanos = nanos;
        this.keptNanos = nanos.getAsLong() - APART_NANOS;
    }

    /** @param place behind these changes; null if they end within a transaction */
    void add(@Nullable E place, Handled changes) {
        var now = nanos.getAsLong();
        var kept = place != null && (places.isEmpty() || now - keptNanos >= APART_NANOS || changes.isSettled() && !keptSettled) ? place : null;
        if (kept != null) {
            keptNanos = now;
            keptSettled = changes.isSettled();
        }
        places.add(new Place<>(kept, changes));
    }

    /** The last place that has been reached since this was asked last; null if there is none. */
    @Nullable E reached() {
        E reached = null;
        for (var next = places.peek(); next != null && next.handled().isDurable(); next = places.peek()) {
            if (next.place() != null && next.handled().isBoundary()) {
                reached = next.place();
            }
            places.remove();
        }
        return reached;
    }
}
