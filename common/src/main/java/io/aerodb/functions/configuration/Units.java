package io.aerodb.functions.configuration;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Durations and sizes as people write them. */
final class Units {

    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,12})\\s*([A-Za-z]{1,3})");
    private static final Map<String, Duration> DURATIONS = new LinkedHashMap<>();
    private static final Map<String, Long> SIZES = new LinkedHashMap<>();

    static {
        DURATIONS.put("d", Duration.ofDays(1));
        DURATIONS.put("h", Duration.ofHours(1));
        DURATIONS.put("m", Duration.ofMinutes(1));
        DURATIONS.put("s", Duration.ofSeconds(1));
        DURATIONS.put("ms", Duration.ofMillis(1));
        SIZES.put("GiB", 1L << 30);
        SIZES.put("MiB", 1L << 20);
        SIZES.put("KiB", 1L << 10);
        SIZES.put("B", 1L);
    }

    private Units() {}

    static Optional<Duration> parseDuration(String text) {
        var matcher = NUMBER_AND_UNIT.matcher(text);
        if (!matcher.matches() || !DURATIONS.containsKey(matcher.group(2))) {
            return Optional.empty();
        }
        return Optional.of(DURATIONS.get(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1))));
    }

    static Optional<Long> parseBytes(String text) {
        var matcher = NUMBER_AND_UNIT.matcher(text);
        if (!matcher.matches() || !SIZES.containsKey(matcher.group(2))) {
            return Optional.empty();
        }
        try {
            return Optional.of(Math.multiplyExact(Long.parseLong(matcher.group(1)), SIZES.get(matcher.group(2))));
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    static String format(Duration duration) {
        var millis = duration.toMillis();
        return DURATIONS.entrySet().stream()
                .filter(unit -> millis >= unit.getValue().toMillis() && millis % unit.getValue().toMillis() == 0)
                .findFirst()
                .map(unit -> millis / unit.getValue().toMillis() + unit.getKey())
                .orElse(millis + "ms");
    }

    static String formatBytes(long bytes) {
        return SIZES.entrySet().stream()
                .filter(unit -> bytes >= unit.getValue() && bytes % unit.getValue() == 0)
                .findFirst()
                .map(unit -> bytes / unit.getValue() + unit.getKey())
                .orElse(bytes + "B");
    }
}
