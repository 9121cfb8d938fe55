package io.aerodb.functions.trigger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.trigger.ScheduleTrigger.Misfire;
import io.aerodb.functions.trigger.ScheduleTrigger.Overlap;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FireTimesTest {

    /** The first column names the zone, the third a moment, the fourth what follows it, the offset telling which of two equal times is meant. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        // New York: from 02:00 to 03:00 on 8 March 2026, from 02:00 back to 01:00 on 1 November 2026
        "America/New_York    | 30 2 * * *         | 2026-03-07T00:00-05:00 | 2026-03-07T02:30-05:00 2026-03-08T03:00-04:00 2026-03-09T02:30-04:00",
        "America/New_York    | 0 2 * * *          | 2026-03-07T12:00-05:00 | 2026-03-08T03:00-04:00 2026-03-09T02:00-04:00",
        "America/New_York    | */15 2 * * *       | 2026-03-08T00:00-05:00 | 2026-03-08T03:00-04:00 2026-03-09T02:00-04:00",
        "America/New_York    | 0 2,3 * * *        | 2026-03-08T00:00-05:00 | 2026-03-08T03:00-04:00 2026-03-09T02:00-04:00",
        "America/New_York    | */20 * * * *       | 2026-03-08T01:30-05:00 | 2026-03-08T01:40-05:00 2026-03-08T03:00-04:00 2026-03-08T03:20-04:00",
        "America/New_York    | 30 * * * *         | 2026-03-08T01:00-05:00 | 2026-03-08T01:30-05:00 2026-03-08T03:00-04:00 2026-03-08T03:30-04:00",
        "America/New_York    | @hourly            | 2026-03-08T00:30-05:00 | 2026-03-08T01:00-05:00 2026-03-08T03:00-04:00 2026-03-08T04:00-04:00",
        "America/New_York    | 30 2 * * 1         | 2026-03-07T00:00-05:00 | 2026-03-09T02:30-04:00",
        "America/New_York    | 30 1 * * *         | 2026-10-31T12:00-04:00 | 2026-11-01T01:30-04:00 2026-11-02T01:30-05:00",
        "America/New_York    | 30 1 * * *         | 2026-11-01T01:10-05:00 | 2026-11-02T01:30-05:00",
        "America/New_York    | */30 1 * * *       | 2026-11-01T00:00-04:00 | 2026-11-01T01:00-04:00 2026-11-01T01:30-04:00 2026-11-02T01:00-05:00",
        "America/New_York    | 0 2 * * *          | 2026-11-01T00:00-04:00 | 2026-11-01T02:00-05:00 2026-11-02T02:00-05:00",
        "America/New_York    | 30 * * * *         | 2026-11-01T00:00-04:00 | 2026-11-01T00:30-04:00 2026-11-01T01:30-04:00 2026-11-01T01:30-05:00 2026-11-01T02:30-05:00",
        "America/New_York    | @hourly            | 2026-11-01T00:30-04:00 | 2026-11-01T01:00-04:00 2026-11-01T01:00-05:00 2026-11-01T02:00-05:00",
        "America/New_York    | 0 */2 * * *        | 2026-10-31T23:00-04:00 | 2026-11-01T00:00-04:00 2026-11-01T02:00-05:00 2026-11-01T04:00-05:00",
        // Lord Howe: half an hour, from 02:00 to 02:30 on 4 October 2026, from 02:00 back to 01:30 on 5 April 2026
        "Australia/Lord_Howe | 15 2 * * *         | 2026-10-03T12:00+10:30 | 2026-10-04T02:30+11:00 2026-10-05T02:15+11:00",
        "Australia/Lord_Howe | 30 2 * * *         | 2026-10-03T12:00+10:30 | 2026-10-04T02:30+11:00 2026-10-05T02:30+11:00",
        "Australia/Lord_Howe | @hourly            | 2026-10-04T00:30+10:30 | 2026-10-04T01:00+10:30 2026-10-04T02:30+11:00 2026-10-04T03:00+11:00",
        "Australia/Lord_Howe | 45 1 * * *         | 2026-04-04T12:00+11:00 | 2026-04-05T01:45+11:00 2026-04-06T01:45+10:30",
        "Australia/Lord_Howe | 45 * * * *         | 2026-04-05T01:00+11:00 | 2026-04-05T01:45+11:00 2026-04-05T01:45+10:30 2026-04-05T02:45+10:30",
        "Australia/Lord_Howe | 15 * * * *         | 2026-04-05T01:00+11:00 | 2026-04-05T01:15+11:00 2026-04-05T02:15+10:30",
        // Cairo: from 00:00 to 01:00 on 24 April 2026, from 24:00 back to 23:00 on 29 October 2026
        "Africa/Cairo        | @daily             | 2026-04-23T12:00+02:00 | 2026-04-24T01:00+03:00 2026-04-25T00:00+03:00",
        "Africa/Cairo        | 30 0 24 4 *        | 2026-04-23T12:00+02:00 | 2026-04-24T01:00+03:00 2027-04-24T00:30+02:00",
        "Africa/Cairo        | 30 23 * * *        | 2026-10-29T12:00+03:00 | 2026-10-29T23:30+03:00 2026-10-30T23:30+02:00",
        "Africa/Cairo        | 30 * * * *         | 2026-10-29T23:00+03:00 | 2026-10-29T23:30+03:00 2026-10-29T23:30+02:00 2026-10-30T00:30+02:00",
        "Africa/Cairo        | @daily             | 2026-10-29T12:00+03:00 | 2026-10-30T00:00+02:00 2026-10-31T00:00+02:00",
        // São Paulo: from 00:00 to 01:00 on 4 November 2018, from 24:00 back to 23:00 on 16 February 2019, and never again
        "America/Sao_Paulo   | 0 0 * * *          | 2018-11-03T12:00-03:00 | 2018-11-04T01:00-02:00 2018-11-05T00:00-02:00",
        "America/Sao_Paulo   | 15 23 * * *        | 2019-02-16T12:00-02:00 | 2019-02-16T23:15-02:00 2019-02-17T23:15-03:00",
        "America/Sao_Paulo   | 15 * * * *         | 2019-02-16T23:00-02:00 | 2019-02-16T23:15-02:00 2019-02-16T23:15-03:00 2019-02-17T00:15-03:00",
        "America/Sao_Paulo   | 0 0 * * *          | 2019-11-02T12:00-03:00 | 2019-11-03T00:00-03:00 2019-11-04T00:00-03:00",
        "America/Sao_Paulo   | 0 0 * * *          | 2026-11-07T12:00-03:00 | 2026-11-08T00:00-03:00 2026-11-09T00:00-03:00",
        // Samoa left out the whole 30 December 2011
        "Pacific/Apia        | 0 12 * * *         | 2011-12-29T00:00-10:00 | 2011-12-29T12:00-10:00 2011-12-31T00:00+14:00 2011-12-31T12:00+14:00",
        "UTC                 | 59 59 23 31 12 *   | 2026-03-08T00:00Z      | 2026-12-31T23:59:59Z 2027-12-31T23:59:59Z",
    })
    void goesByTheWallClock(String zone, String cron, String after, String expected) {
        var wanted = Arrays.stream(expected.split(" ")).map(OffsetDateTime::parse).map(OffsetDateTime::toInstant).toList();
        assertEquals(wanted, times(cron, zone, null, null).next(OffsetDateTime.parse(after).toInstant(), wanted.size()));
    }

    /** Every minute around every change of the clock in these zones, looked at one by one. */
    @ParameterizedTest
    @ValueSource(strings = {"America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Sao_Paulo", "Europe/Dublin", "Africa/Casablanca", "Antarctica/Troll", "America/St_Johns"})
    void agreesWithALookAtEveryMinute(String zone) {
        var rules = ZoneId.of(zone).getRules();
        for (var transition = rules.nextTransition(Instant.parse("2017-06-01T00:00:00Z")); transition != null && transition.getInstant().isBefore(Instant.parse("2027-01-01T00:00:00Z")); transition = rules.nextTransition(transition.getInstant())) {
            var from = transition.getInstant().minus(Duration.ofHours(30));
            var until = transition.getInstant().plus(Duration.ofHours(30));
            compare(zone, "*/10 * * * *", true, from, until, local -> local.getMinute() % 10 == 0);
            compare(zone, "5,35 0-23 * * *", true, from, until, local -> local.getMinute() % 30 == 5);
            compare(zone, "*/15 0-3,22-23 * * *", false, from, until, local -> local.getMinute() % 15 == 0 && (local.getHour() < 4 || local.getHour() > 21));
            compare(zone, "45 1-2,23 * * 0,4-6", false, from, until, local -> local.getMinute() == 45 && List.of(1, 2, 23).contains(local.getHour())
                    && (local.getDayOfWeek().getValue() >= 4));
        }
    }

    private static void compare(String zone, String cron, boolean everyHour, Instant from, Instant until, Predicate<LocalDateTime> matches) {
        var rules = ZoneId.of(zone).getRules();
        var expected = new TreeSet<Instant>();
        for (var time = from.plusSeconds(60); !time.isAfter(until); time = time.plusSeconds(60)) {
            var local = ZonedDateTime.ofInstant(time, ZoneId.of(zone));
            if (matches.test(local.toLocalDateTime()) && (everyHour || local.withEarlierOffsetAtOverlap().toInstant().equals(time))) {
                expected.add(time);
            }
        }
        for (var change = rules.nextTransition(from); change != null && !change.getInstant().isAfter(until); change = rules.nextTransition(change.getInstant())) {
            for (var local = change.getDateTimeBefore(); local.isBefore(change.getDateTimeAfter()); local = local.plusMinutes(1)) {
                if (matches.test(local)) {
                    expected.add(change.getInstant());
                }
            }
        }
        var found = new ArrayList<Instant>();
        var times = times(cron, zone, null, null);
        for (var time = times.next(from); time.isPresent() && !time.get().isAfter(until); time = times.next(time.get())) {
            found.add(time.get());
        }
        assertEquals(List.copyOf(expected), found, zone + " " + cron + " from " + from);
    }

    @Test
    void firesFromTheStartOnAndNotAtTheEnd() {
        var times = times("0 * * * *", "UTC", Instant.parse("2026-01-01T10:00:00Z"), Instant.parse("2026-01-01T12:00:00Z"));
        assertEquals(List.of(Instant.parse("2026-01-01T10:00:00Z"), Instant.parse("2026-01-01T11:00:00Z")), times.next(Instant.parse("2025-01-01T00:00:00Z"), 5));
        assertEquals(Optional.empty(), times.next(Instant.parse("2026-01-01T11:00:00Z")));
    }

    @Test
    void goesOnFromBetweenTwoSeconds() {
        var times = times("* * * * * *", "UTC", null, null);
        assertEquals(Optional.of(Instant.parse("2026-01-01T00:00:01Z")), times.next(Instant.parse("2026-01-01T00:00:00.000001Z")));
        assertEquals(Optional.of(Instant.parse("2026-01-01T00:00:00Z")), times.next(Instant.parse("2025-12-31T23:59:59.999999Z")));
    }

    private static FireTimes times(String cron, String zone, @Nullable Instant start, @Nullable Instant end) {
        return FireTimes.of(new ScheduleTrigger(cron, ZoneId.of(zone), Misfire.LATEST, Duration.ZERO, Overlap.ALLOW, start, end, Duration.ZERO));
    }
}
