package io.aerodb.functions.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.scheduler.Schedulings.Fire;
import io.aerodb.functions.scheduler.batch.Loop;
import io.aerodb.functions.scheduler.schedule.PostgresClock;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Schedules while PostgreSQL is away, or another scheduler stands still; by the real clock. */
class ScheduleOutageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String EVERY_SECOND = "\"cron\": \"* * * * * *\", \"misfire\": \"all\", \"misfire_tolerance_ms\": 3600000";

    @Test
    void firesEverySecondOnceThoughPostgresIsAwayForAWhile() throws Exception {
        try (var postgres = TestPostgres.own();
                var stage = new Stage(TestKafka.shared(), postgres);
                var first = stage.start(Map.of());
                var second = stage.start(Map.of())) {
            var schedulings = new Schedulings(stage);
            var from = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            var function = schedulings.deployed("every-second", EVERY_SECOND, from);
            awaitFires(schedulings, 2);
            postgres.kill();
            var away = Instant.now();
            Awaitility.await().atMost(PATIENCE).until(() -> !first.isReady() && !second.isReady() && Instant.now().isAfter(away.plusSeconds(3)));
            postgres.start();
            var until = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(() -> schedulings.settledUntil(function).isAfter(until));
            Awaitility.await().atMost(PATIENCE).until(() -> first.isReady() && second.isReady());

            var fires = schedulings.fires();
            var distinct = fires.stream().map(Fire::scheduledFor).distinct().toList();
            assertEquals(Stream.iterate(from.plusSeconds(1), time -> time.plusSeconds(1)).limit(distinct.size()).toList(), distinct);
            assertEquals(distinct.size(), fires.stream().map(Fire::invocation).distinct().count());
            assertTrue(!distinct.getLast().isBefore(until), distinct.toString());
        }
    }

    /** What it had in its hands is fired by others once PostgreSQL has taken it away, and again when it goes on: as the same invocation. */
    @Test
    void isNotHeldUpByASchedulerThatStandsStillInATransaction() throws Exception {
        var goOn = new CountDownLatch(1);
        var standsStill = new CountDownLatch(1);
        try (var stage = new Stage(TestKafka.shared(), TestPostgres.shared())) {
            var schedulings = new Schedulings(stage);
            var clock = new PostgresClock(stage.database);
            var lastMinute = clock.instant().truncatedTo(ChronoUnit.MINUTES);
            schedulings.deployed("held", "\"cron\": \"* * * * *\", \"misfire_tolerance_ms\": 3600000", lastMinute.minusSeconds(1));
            var stuck = schedulings.scheduler(clock, schedulings.producer(record -> {
                standsStill.countDown();
                goOn.await();
                return stage.producer.send(record);
            }));
            try (var stuckLoop = new Loop("stuck", stuck::fire); var others = new Loop("others", schedulings.scheduler(clock)::fire)) {
                stuckLoop.start();
                standsStill.await();
                schedulings.deployed("free", "\"cron\": \"* * * * *\", \"misfire_tolerance_ms\": 3600000", lastMinute.minusSeconds(1));
                others.start();
                awaitFires(schedulings, 1);
                assertEquals(List.of("free"), schedulings.fires().stream().map(Fire::function).distinct().toList());
                Awaitility.await().atMost(PATIENCE).until(() -> schedulings.fires().stream().anyMatch(fire -> fire.function().equals("held")));
                goOn.countDown();
                Awaitility.await().atMost(PATIENCE).until(() -> heldAt(schedulings, lastMinute).size() == 2);
                assertEquals(1, heldAt(schedulings, lastMinute).stream().map(Fire::invocation).distinct().count());
            } finally {
                goOn.countDown();
            }
        }
    }

    private static List<Fire> heldAt(Schedulings schedulings, Instant time) {
        return schedulings.fires().stream().filter(fire -> fire.function().equals("held") && fire.scheduledFor().equals(time)).toList();
    }

    private static void awaitFires(Schedulings schedulings, int count) {
        Awaitility.await().atMost(PATIENCE).until(() -> schedulings.fires().size() >= count);
    }
}
