package io.aerodb.functions.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/**
 * Histograms with the same few buckets everywhere, so that Prometheus can add up those of all instances and tell percentiles of them. A
 * percentile is told to within its bucket: a time is off by a factor of 2.5 at most, in most places 2.
 */
public final class Histograms {

    /** From the run of the smallest function to the longest that one may have. */
    private static final Duration[] TIMES = {
        Duration.ofNanos(500_000), Duration.ofMillis(1), Duration.ofNanos(2_500_000), Duration.ofMillis(5), Duration.ofMillis(10),
        Duration.ofMillis(25), Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(250), Duration.ofMillis(500),
        Duration.ofSeconds(1), Duration.ofMillis(2500), Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30),
        Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofMinutes(15)
    };

    private static final double MIB = 1 << 20;
    /** From one page of WebAssembly to the most that a function may have. */
    private static final double[] MEMORY = {MIB / 16, MIB / 4, MIB, 4 * MIB, 16 * MIB, 32 * MIB, 64 * MIB, 128 * MIB, 256 * MIB, 512 * MIB, 1024 * MIB};

    private Histograms() {}

    /** @param name without its unit, which is seconds */
    public static Timer.Builder ofTimes(String name, String description) {
        return Timer.builder(name).description(description).serviceLevelObjectives(TIMES);
    }

    /** @param name without its unit, which is bytes */
    static DistributionSummary.Builder ofMemory(String name, String description) {
        return DistributionSummary.builder(name).description(description).baseUnit("bytes").serviceLevelObjectives(MEMORY);
    }
}
