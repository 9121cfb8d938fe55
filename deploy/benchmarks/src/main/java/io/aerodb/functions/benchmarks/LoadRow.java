package io.aerodb.functions.benchmarks;

import io.aerodb.functions.benchmarks.CpuTimes.Part;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A row of the table of loads: one {@link Load}, measured in several slices. Not thread-safe. */
final class LoadRow {

    private final String name;
    private final Load load;
    private final Samples samples = new Samples();
    private final Map<Part, Long> cpuNanos = new EnumMap<>(Part.class);
    private Duration latestRow = Duration.ZERO;

    LoadRow(String name, Load load) {
        this.name = name;
        this.load = load;
    }

    Load load() {
        return load;
    }

    Samples samples() {
        return samples;
    }

    /** @param logged how long after the last answer all rows of the slice were there */
    void add(Samples slice, Map<Part, Long> before, Map<Part, Long> after, Duration logged) {
        samples.addAll(slice);
        for (var part : Part.values()) {
            // what a process has used is lost when it ends
            cpuNanos.merge(part, Math.max(0, after.getOrDefault(part, 0L) - before.getOrDefault(part, 0L)), Long::sum);
        }
        if (logged.compareTo(latestRow) > 0) {
            latestRow = logged;
        }
    }

    static void printHead() {
        System.out.printf("%-22s %7s %8s %8s %8s %8s  CPU µs a call: %s %9s %9s%n", "", "at once", "p50 ms", "p95 ms", "p99 ms", "calls/s",
                Stream.of(Part.values()).map(part -> "%9s".formatted(part.name().toLowerCase().replace('_', ' '))).collect(Collectors.joining(" ")),
                "all", "logged ms");
    }

    void print() {
        var parts = Stream.of(Part.values()).map(part -> "%9.0f".formatted(micros(cpuNanos.get(part)))).collect(Collectors.joining(" "));
        System.out.printf("%-22s %7d %8.2f %8.2f %8.2f %8.0f  %14s %s %9.0f %9d%n", name, load.atOnce(),
                samples.millis(50), samples.millis(95), samples.millis(99), samples.perSecond(), "",
                parts, micros(cpuNanos.values().stream().mapToLong(Long::longValue).sum()), latestRow.toMillis());
    }

    private double micros(long nanos) {
        return nanos / 1e3 / samples.size();
    }
}
