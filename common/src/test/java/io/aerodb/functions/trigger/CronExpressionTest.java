package io.aerodb.functions.trigger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronExpressionTest {

    /** A Thursday. */
    private static final LocalDateTime NEW_YEAR = LocalDateTime.parse("2026-01-01T00:00:00");

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "* * * * *          | 2026-01-01T00:01 2026-01-01T00:02",
        "*/20 * * * *       | 2026-01-01T00:20 2026-01-01T00:40 2026-01-01T01:00",
        "5/20 * * * *       | 2026-01-01T00:05 2026-01-01T00:25 2026-01-01T00:45 2026-01-01T01:05",
        "*/2 * * * * *      | 2026-01-01T00:00:02 2026-01-01T00:00:04",
        "30 15 10 * * *     | 2026-01-01T10:15:30 2026-01-02T10:15:30",
        "0 9-17/4 * * *     | 2026-01-01T09:00 2026-01-01T13:00 2026-01-01T17:00 2026-01-02T09:00",
        "0 0 29 2 *         | 2028-02-29T00:00 2032-02-29T00:00",
        "0 0 31 * *         | 2026-01-31T00:00 2026-03-31T00:00 2026-05-31T00:00",
        "0 0 * * MON-FRI    | 2026-01-02T00:00 2026-01-05T00:00",
        "0 0 * * 5-7        | 2026-01-02T00:00 2026-01-03T00:00 2026-01-04T00:00 2026-01-09T00:00",
        "0 0 * * 0          | 2026-01-04T00:00 2026-01-11T00:00",
        "0 0 * * 7          | 2026-01-04T00:00 2026-01-11T00:00",
        "0 0 * * sun        | 2026-01-04T00:00 2026-01-11T00:00",
        "0 0 13 * 5         | 2026-01-02T00:00 2026-01-09T00:00 2026-01-13T00:00 2026-01-16T00:00",
        "0 0 1 JAN,jul *    | 2026-07-01T00:00 2027-01-01T00:00",
        "@hourly            | 2026-01-01T01:00 2026-01-01T02:00",
        "@daily             | 2026-01-02T00:00 2026-01-03T00:00",
        "@midnight          | 2026-01-02T00:00 2026-01-03T00:00",
        "@weekly            | 2026-01-04T00:00 2026-01-11T00:00",
        "@MONTHLY           | 2026-02-01T00:00 2026-03-01T00:00",
        "@yearly            | 2027-01-01T00:00 2028-01-01T00:00",
        "@annually          | 2027-01-01T00:00 2028-01-01T00:00",
    })
    void tellsTheNextTimes(String cron, String times) {
        var expression = CronExpression.parse(cron);
        var found = new ArrayList<LocalDateTime>();
        var wanted = times.split(" ");
        for (var time = NEW_YEAR; found.size() < wanted.length; found.add(time)) {
            time = expression.next(time).orElseThrow();
        }
        assertEquals(Arrays.stream(wanted).map(LocalDateTime::parse).toList(), found);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 0 30 2 *", "0 0 31 2,4,6,9,11 *"})
    void knowsWhatNeverComes(String cron) {
        assertEquals(Optional.empty(), CronExpression.parse(cron).next(NEW_YEAR));
    }

    @Test
    void looksOnlyAtWholeSeconds() {
        assertEquals(Optional.of(NEW_YEAR.plusSeconds(1)), CronExpression.parse("* * * * * *").next(NEW_YEAR.plusNanos(999_999_999)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"* * * * *", "30 * * * *", "0 */1 * * *", "5 0-23 * * *", "5 0-11,12-23 * * *", "0 0 0/1 * * *", "@hourly"})
    void seesThatNoHourIsLeftOut(String cron) {
        assertTrue(CronExpression.parse(cron).isEveryHour());
    }

    @ParameterizedTest
    @ValueSource(strings = {"30 1 * * *", "* 1 * * *", "0 */2 * * *", "0 1-23 * * *", "0 0 0 * * *", "@daily"})
    void seesThatHoursAreLeftOut(String cron) {
        assertFalse(CronExpression.parse(cron).isEveryHour());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "60 * * * *       | has '60' as minute: use 0 to 59",
        "60 * * * * *     | has '60' as second: use 0 to 59",
        "0 24 * * *       | has '24' as hour: use 0 to 23",
        "0 0 0 * *        | has '0' as day of the month: use 1 to 31",
        "0 0 32 * *       | has '32' as day of the month: use 1 to 31",
        "0 0 1 13 *       | has '13' as month",
        "0 0 * FOO *      | has 'FOO' as month",
        "0 0 * * 8        | has '8' as day of the week",
        "0 0 * * 5#2      | has '5#2' as day of the week",
        "0 0 L * *        | has 'L' as day of the month",
        "0 0 ? * *        | has '?' as day of the month",
        "10-5 * * * *     | has '10-5' as minute",
        "*/0 * * * *      | has '*/0' as minute",
        "*/70 * * * *     | has '*/70' as minute",
        "1,,2 * * * *     | has '1,,2' as minute",
        "-5 * * * *       | has '-5' as minute",
        "1.5 * * * *      | has '1.5' as minute",
        "99999999999 * * * * | has '99999999999' as minute",
        "* * * *          | has 4 fields, needed are 5",
        "0 0 0 1 1 * 2030 | has 7 fields, needed are 5",
        "``               | has 0 fields, needed are 5",
        "@reboot          | is the unknown name '@reboot'",
    })
    void saysWhichFieldIsWrong(String cron, String message) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> CronExpression.parse(cron));
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    }

    @Test
    void refusesEndlessText() {
        assertThrows(IllegalArgumentException.class, () -> CronExpression.parse("1," .repeat(500) + "1 * * * *"));
    }
}
