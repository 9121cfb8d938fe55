package io.aerodb.functions.triggerbridge;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/** When the log last told anything, which it does every few seconds even where nothing changes. Thread-safe. */
final class Pulse {

    /** Kafka may be away, or a large transaction be under way, but not for long. */
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private volatile long heardNanos = System.nanoTime();

    Pulse(MeterRegistry metrics) {
        Gauge.builder("bridge.last.event.age", this, pulse -> pulse.age().toMillis() / 1000.0).baseUnit("seconds").strongReference(true)
                .description("Time since the log last told anything to this bridge").register(metrics);
    }

    void heard() {
        heardNanos = System.nanoTime();
    }

    boolean isFelt() {
        return age().compareTo(LONGEST) < 0;
    }

    private Duration age() {
        return Duration.ofNanos(System.nanoTime() - heardNanos);
    }
}
