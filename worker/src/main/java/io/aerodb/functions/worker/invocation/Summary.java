package io.aerodb.functions.worker.invocation;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Says when it is time for one line in the log about something that may happen thousands of times a second. Thread-safe. */
final class Summary {

    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final AtomicLong next = new AtomicLong(System.nanoTime());
    private final AtomicInteger untold = new AtomicInteger();

    /** Counts it. @return how often it happened since it was last told of; empty if that was less than 10 s ago */
    OptionalInt count() {
        untold.incrementAndGet();
        var now = System.nanoTime();
        var due = next.get();
        return now - due >= 0 && next.compareAndSet(due, now + INTERVAL.toNanos()) ? OptionalInt.of(untold.getAndSet(0)) : OptionalInt.empty();
    }
}
