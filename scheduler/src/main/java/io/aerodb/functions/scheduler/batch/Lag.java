package io.aerodb.functions.scheduler.batch;

import java.time.Duration;
import java.util.function.LongSupplier;

/** How far behind the oldest of what is due is. Goes on growing when nobody looks any more. Thread-safe. */
public final class Lag {

    private final LongSupplier nanoTime;
    private volatile Look last;

    private record Look(Duration late, long atNanos) {}

    /** @param nanoTime as {@link System#nanoTime()} */
    public Lag(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.last = new Look(Duration.ZERO, nanoTime.getAsLong());
    }

    /** @param late how long the oldest one was due; negative if nothing can be late before that time has passed */
    public void seen(Duration late) {
        last = new Look(late, nanoTime.getAsLong());
    }

    /** Zero or more. */
    public Duration now() {
        var look = last;
        var lag = look.late().plusNanos(nanoTime.getAsLong() - look.atNanos());
        return lag.isNegative() ? Duration.ZERO : lag;
    }
}
