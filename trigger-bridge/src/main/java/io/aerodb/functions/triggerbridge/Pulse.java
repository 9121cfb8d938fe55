package io.aerodb.functions.triggerbridge;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.LongSupplier;

/** When the log last told anything, which it does every few seconds even where nothing changes. Thread-safe. */
final class Pulse {

    /** Kafka may be away, or a large transaction be under way, but not for long. */
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final LongSupplier nanos;
    private volatile long heardNanos;
    private volatile long excusedNanos;

    /** @param nanos a clock that only goes forward */
    Pulse(MeterRegistry metrics, LongSupplier nanos) {
        this.nanos = nanos;
        heardNanos = nanos.getAsLong();
        excusedNanos = heardNanos;
        Gauge.builder("bridge.last.event.age", this, pulse -> pulse.age().toMillis() / 1000.0).baseUnit("seconds").strongReference(true)
                .description("Time since the log last told anything to this bridge").register(metrics);
    }

    void heard() {
        heardNanos = nanos.getAsLong();
    }

    boolean isFelt() {
        return age().compareTo(LONGEST) < 0;
    }

    /** Whether nothing was heard for long that could have been. @param excused that nothing can be heard right now, as others are away */
    boolean isStuck(boolean excused) {
        if (excused) {
            excusedNanos = nanos.getAsLong();
        }
        return !isFelt() && nanos.getAsLong() - excusedNanos > LONGEST.toNanos();
    }

    private Duration age() {
        return Duration.ofNanos(nanos.getAsLong() - heardNanos);
    }
}
