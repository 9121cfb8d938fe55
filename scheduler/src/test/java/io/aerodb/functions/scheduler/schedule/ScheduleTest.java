package io.aerodb.functions.scheduler.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.trigger.ScheduleTrigger;
import io.aerodb.functions.trigger.ScheduleTrigger.Misfire;
import io.aerodb.functions.trigger.ScheduleTrigger.Overlap;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    private static final Instant TEN = Instant.parse("2026-05-05T10:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int MOST = 1000;

    @Test
    void firesWhatIsDueAndTellsWhatComesNext() {
        var schedule = schedule("*/5 * * * *", Misfire.LATEST);
        assertEquals(new FirePlan(List.of(TEN), TEN, minutes(5), minutes(6), false), schedule.plan(minutes(-5), TEN.plusMillis(3), MOST));
        assertEquals(new FirePlan(List.of(), TEN, minutes(5), minutes(6), false), schedule.plan(TEN, minutes(4), MOST));
    }

    @Test
    void firesNothingAgainWhenTheClockIsSetBack() {
        var schedule = schedule("*/5 * * * *", Misfire.ALL);
        assertEquals(new FirePlan(List.of(), TEN, minutes(5), minutes(6), false), schedule.plan(TEN, TEN.minus(HOUR), MOST));
        assertEquals(new FirePlan(List.of(), TEN, minutes(5), minutes(6), false), schedule.rest(TEN, TEN.minus(HOUR)));
    }

    @Test
    void firesEverythingThatIsLateWithinTheTolerance() {
        var plan = schedule("*/10 * * * * *", Misfire.NONE).plan(TEN, minutes(1).minusSeconds(1), MOST);
        assertEquals(seconds(10, 20, 30, 40, 50), plan.fires());
        assertFalse(plan.hasDropped());
    }

    @Test
    void dropsWhatWasMissedInAnHour() {
        var plan = schedule("*/5 * * * *", Misfire.NONE).plan(TEN, TEN.plus(HOUR).plusSeconds(90), MOST);
        assertEquals(List.of(), plan.fires());
        assertTrue(plan.hasDropped());
        assertEquals(minutes(65), plan.dueAt());
    }

    @Test
    void makesUpForTheLatestThatWasMissedInAnHour() {
        var plan = schedule("*/5 * * * *", Misfire.LATEST).plan(TEN, TEN.plus(HOUR).plusSeconds(90), MOST);
        assertEquals(List.of(minutes(60)), plan.fires());
        assertTrue(plan.hasDropped());
        assertEquals(minutes(65), plan.dueAt());
    }

    @Test
    void makesUpForNothingWhereOneIsDueInTimeAnyhow() {
        assertEquals(List.of(minutes(60)), schedule("*/5 * * * *", Misfire.LATEST).plan(TEN, minutes(60), MOST).fires());
        assertEquals(List.of(minutes(60)), schedule("* * * * *", Misfire.LATEST).plan(TEN, minutes(60), MOST).fires());
        assertEquals(List.of(minutes(60)), schedule("* * * * *", Misfire.NONE).plan(TEN, minutes(60), MOST).fires());
    }

    @Test
    void doesNotTellOfDroppingWhereTheOnlyOneMissedIsMadeUpFor() {
        var plan = schedule("@hourly", Misfire.LATEST).plan(TEN, minutes(90), MOST);
        assertEquals(List.of(minutes(60)), plan.fires());
        assertFalse(plan.hasDropped());
    }

    @Test
    void makesUpForAllThatWereMissedInAnHour() {
        var plan = schedule("*/5 * * * *", Misfire.ALL).plan(TEN, TEN.plus(HOUR).plusSeconds(90), MOST);
        assertEquals(Stream.iterate(5, i -> i <= 60, i -> i + 5).map(ScheduleTest::minutes).toList(), plan.fires());
        assertFalse(plan.hasDropped());
    }

    @Test
    void makesUpForTheNewestHundredOfMany() {
        var now = TEN.plus(Duration.ofDays(3)).plusSeconds(30);
        var plan = schedule("* * * * *", Misfire.ALL).plan(TEN, now, MOST);
        var newest = TEN.plus(Duration.ofDays(3));
        assertEquals(Stream.iterate(100, i -> i >= 0, i -> i - 1).map(i -> newest.minus(Duration.ofMinutes(i))).toList(), plan.fires(), "and one in time");
        assertTrue(plan.hasDropped());
    }

    @Test
    void takesManyThatAreInTimeInSeveralSteps() {
        var schedule = new Schedule(new UUID(1, 1), trigger("* * * * * *", Misfire.NONE, Duration.ofHours(2), null, null, Duration.ZERO));
        var now = TEN.plus(HOUR);
        var fires = new ArrayList<Instant>();
        var settled = TEN;
        for (var plan = schedule.plan(settled, now, 7); !plan.fires().isEmpty(); plan = schedule.plan(settled, now, 7)) {
            assertTrue(plan.fires().size() <= 7);
            fires.addAll(plan.fires());
            settled = plan.settledUntil();
        }
        assertEquals(3600, new HashSet<>(fires).size());
        assertEquals(3600, fires.size());
    }

    @Test
    void makesUpForManyInSeveralSteps() {
        var schedule = schedule("*/5 * * * *", Misfire.ALL);
        var now = TEN.plus(HOUR).plusSeconds(90);
        var fires = new ArrayList<Instant>();
        var settled = TEN;
        for (var plan = schedule.plan(settled, now, 5); !plan.fires().isEmpty(); plan = schedule.plan(settled, now, 5)) {
            assertFalse(plan.hasDropped());
            assertTrue(plan.fires().size() <= 5);
            fires.addAll(plan.fires());
            settled = plan.settledUntil();
            assertEquals(minutes(5 * fires.size() + 5), plan.dueAt());
        }
        assertEquals(schedule.plan(TEN, now, MOST).fires(), fires);
    }

    @Test
    void tellsWhenTheNextFireWillHaveBeenMissed() {
        var schedule = new Schedule(new UUID(1, 1), trigger("@hourly", Misfire.LATEST, Duration.ofMinutes(10), null, null, Duration.ofMinutes(20)));
        assertEquals(minutes(90), schedule.plan(TEN, minutes(1), MOST).missedAt());
        assertEquals(List.of(), schedule("@hourly", Misfire.NONE).plan(TEN, minutes(61), MOST).fires());
        assertEquals(List.of(minutes(60)), schedule("@hourly", Misfire.NONE).plan(TEN, minutes(61).minusMillis(1), MOST).fires());
    }

    @Test
    void spreadsFiresByTheJitterInTheSameWayEveryTime() {
        var schedule = new Schedule(new UUID(1, 1), trigger("* * * * *", Misfire.NONE, Duration.ofMinutes(1), null, null, Duration.ofSeconds(30)));
        var shares = new HashSet<Duration>();
        for (var i = 0; i < 100; i++) {
            var share = Duration.between(minutes(i), schedule.dueAt(minutes(i)));
            assertTrue(!share.isNegative() && share.compareTo(Duration.ofSeconds(30)) <= 0, share.toString());
            assertEquals(schedule.dueAt(minutes(i)), schedule.dueAt(minutes(i)));
            shares.add(share);
        }
        assertTrue(shares.size() > 90, shares.toString());
        var due = schedule.dueAt(minutes(1));
        assertEquals(List.of(), schedule.plan(TEN, due.minusMillis(1), MOST).fires());
        assertEquals(due, schedule.plan(TEN, due.minusMillis(1), MOST).dueAt());
        assertEquals(List.of(minutes(1)), schedule.plan(TEN, due, MOST).fires());
    }

    @Test
    void endsWithItsLastFire() {
        var schedule = new Schedule(new UUID(1, 1), trigger("@hourly", Misfire.LATEST, HOUR, null, minutes(61), Duration.ZERO));
        var plan = schedule.plan(TEN, minutes(60), MOST);
        assertEquals(List.of(minutes(60)), plan.fires());
        assertNull(plan.dueAt());
        assertNull(plan.missedAt());
    }

    @Test
    void doesNotMakeUpForATimeOfRest() {
        assertEquals(new FirePlan(List.of(), minutes(90), minutes(120), minutes(121), false), schedule("@hourly", Misfire.ALL).rest(TEN, minutes(90)));
    }

    @Test
    void namesItsInvocationsByTheFireTime() {
        var schedule = schedule("@hourly", Misfire.ALL);
        assertEquals(schedule.invocation(TEN), schedule("@hourly", Misfire.ALL).invocation(TEN));
        assertNotEquals(schedule.invocation(TEN), schedule.invocation(minutes(60)));
        assertEquals(5, schedule.invocation(TEN).value().version());
    }

    private static Schedule schedule(String cron, Misfire misfire) {
        return new Schedule(new UUID(1, 1), trigger(cron, misfire, ScheduleTrigger.DEFAULT_MISFIRE_TOLERANCE, null, null, Duration.ZERO));
    }

    private static ScheduleTrigger trigger(String cron, Misfire misfire, Duration tolerance, @Nullable Instant start, @Nullable Instant end, Duration jitter) {
        return new ScheduleTrigger(cron, ZoneId.of("UTC"), misfire, tolerance, Overlap.ALLOW, start, end, jitter);
    }

    private static Instant minutes(int count) {
        return TEN.plus(Duration.ofMinutes(count));
    }

    private static List<Instant> seconds(int... counts) {
        return Arrays.stream(counts).mapToObj(TEN::plusSeconds).toList();
    }
}
