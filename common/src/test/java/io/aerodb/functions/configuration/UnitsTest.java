package io.aerodb.functions.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {

    @ParameterizedTest
    @CsvSource({"250ms,PT0.25S", "0s,PT0S", "90s,PT1M30S", "5m,PT5M", "36h,PT36H", "7d,P7D", "10 s,PT10S", "007s,PT7S"})
    void readsDurations(String text, Duration duration) {
        assertEquals(Optional.of(duration), Units.parseDuration(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "s", "-1s", "+1s", "1.5s", "1S", "1M", "1min", "1us", "1s ", " 1s", "1s1s", "1000000000000s", "1\n2s"})
    void refusesWhatIsNoDuration(String text) {
        assertEquals(Optional.empty(), Units.parseDuration(text));
    }

    @ParameterizedTest
    @CsvSource({"0B,0", "17B,17", "1KiB,1024", "64MiB,67108864", "2GiB,2147483648", "1 GiB,1073741824"})
    void readsSizes(String text, long bytes) {
        assertEquals(Optional.of(bytes), Units.parseBytes(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "B", "-1B", "1.5MiB", "1MB", "1kib", "1KB", "1TiB", "1MiB "})
    void refusesWhatIsNoSize(String text) {
        assertEquals(Optional.empty(), Units.parseBytes(text));
    }

    @ParameterizedTest
    @CsvSource({"PT0S,0ms", "PT0.25S,250ms", "PT1.5S,1500ms", "PT90S,90s", "PT60S,1m", "PT60M,1h", "PT24H,1d", "PT36H,36h"})
    void writesADurationInTheLargestUnitThatFits(Duration duration, String text) {
        assertEquals(text, Units.format(duration));
        assertEquals(Optional.of(duration), Units.parseDuration(text));
    }

    @ParameterizedTest
    @CsvSource({"0,0B", "1,1B", "1023,1023B", "1024,1KiB", "1536,1536B", "1048576,1MiB", "1073741824,1GiB", "1610612736,1536MiB"})
    void writesASizeInTheLargestUnitThatFits(long bytes, String text) {
        assertEquals(text, Units.formatBytes(bytes));
        assertEquals(Optional.of(bytes), Units.parseBytes(text));
    }
}
