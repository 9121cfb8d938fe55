package io.aerodb.functions.gateway.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.gateway.http.ProblemException;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartTimeTest {

    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final Duration LONGEST = Duration.ofHours(1);

    @Test
    void isAtOnceWithoutAHeader() {
        assertEquals(Optional.empty(), StartTime.of(MultiMap.caseInsensitiveMultiMap(), NOW, LONGEST));
    }

    @ParameterizedTest
    @CsvSource({
        "Delay, 90,                        2026-11-21T10:01:30Z",
        "delay, 3600,                      2026-11-21T11:00:00Z",
        "At,    2026-11-21T10:00:00.5Z,    2026-11-21T10:00:00.5Z",
        "at,    2026-11-21T11:30:00+01:00, 2026-11-21T10:30:00Z",
    })
    void isWhatAHeaderSays(String header, String value, Instant expected) {
        assertEquals(Optional.of(expected), StartTime.of(headers(header, value), NOW, LONGEST));
    }

    @ParameterizedTest
    @CsvSource({"Delay, 0", "At, 2026-11-21T10:00:00Z", "At, 1999-01-01T00:00:00Z"})
    void isAtOnceIfTheTimeHasPassed(String header, String value) {
        assertEquals(Optional.empty(), StartTime.of(headers(header, value), NOW, LONGEST));
    }

    @ParameterizedTest
    @CsvSource({
        "Delay, 3601,                 longest delay is 3600 seconds",
        "Delay, 99999999999,          whole number",
        "Delay, -1,                   whole number",
        "Delay, 1.5,                  whole number",
        "Delay, PT1H,                 whole number",
        "At,    2026-11-21T11:00:01Z, longest delay is 3600 seconds",
        "At,    +1000000000-01-01T00:00:00Z, a time with its offset",
        "At,    2026-11-21,           a time with its offset",
    })
    void saysWhatIsWrong(String header, String value, String detail) {
        var refusal = assertThrows(ProblemException.class, () -> StartTime.of(headers(header, value), NOW, LONGEST));
        assertTrue(refusal.problem().detail().contains(detail), refusal.problem().detail());
    }

    @Test
    void refusesTwoStarts() {
        assertThrows(ProblemException.class, () -> StartTime.of(headers("Delay", "1").add("At", "2026-11-21T10:00:01Z"), NOW, LONGEST));
        assertThrows(ProblemException.class, () -> StartTime.of(headers("Delay", "1").add("Delay", "2"), NOW, LONGEST));
    }

    private static MultiMap headers(String name, String value) {
        return MultiMap.caseInsensitiveMultiMap().add(name, value);
    }
}
