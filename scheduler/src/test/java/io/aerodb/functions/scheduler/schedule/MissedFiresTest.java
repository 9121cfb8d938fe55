package io.aerodb.functions.scheduler.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.trigger.FireTimes;
import io.aerodb.functions.trigger.ScheduleTrigger;
import io.aerodb.functions.trigger.ScheduleTrigger.Misfire;
import io.aerodb.functions.trigger.ScheduleTrigger.Overlap;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MissedFiresTest {

    private static final Instant FROM = Instant.parse("2026-03-28T00:00:00Z");

    @ParameterizedTest
    @ValueSource(strings = {"* * * * *", "*/7 * * * *", "30 2 * * *", "*/10 1-2 * * *", "* * 2 * * *", "@hourly", "0 0 * * 0", "5,6,50 22 * * *", "59 59 23 * * *"})
    void agreesWithALookAtAllOfThem(String cron) {
        var times = FireTimes.of(new ScheduleTrigger(cron, ZoneId.of("Europe/Paris"), Misfire.ALL, Duration.ofMinutes(1), Overlap.ALLOW, null, null, Duration.ZERO));
        var all = times.next(FROM, 20_000);
        for (var until : List.of(all.getFirst(), all.getFirst().plusMillis(1), all.get(1), FROM.plus(Duration.ofHours(70)), FROM.plus(Duration.ofHours(71)).plusNanos(5000),
                FROM.plus(Duration.ofDays(3)))) {
            var missed = all.stream().filter(time -> !time.isAfter(until)).toList();
            if (!missed.isEmpty()) {
                for (var count : List.of(1, 2, 100)) {
                    var wanted = missed.subList(Math.max(0, missed.size() - count), missed.size());
                    assertEquals(wanted, List.copyOf(MissedFires.newest(times, missed.getFirst(), until, count)), cron + " until " + until);
                }
            }
        }
    }
}
