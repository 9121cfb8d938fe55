package io.aerodb.functions.admission;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A {@link System#nanoTime} that stands still until it is moved; begins where the number is about to overflow. */
final class MovableNanos implements LongSupplier {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000_000);

    void forward(Duration by) {
        now.addAndGet(by.toNanos());
    }

    void forwardMillis(long millis) {
        forward(Duration.ofMillis(millis));
    }

    @Override
    public long getAsLong() {
        return now.get();
    }
}
