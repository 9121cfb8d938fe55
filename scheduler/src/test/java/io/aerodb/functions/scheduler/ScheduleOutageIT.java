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
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Schedules while PostgreSQL is away, or another scheduler stands still; by the real clock. */
class ScheduleOutageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String EVERY_SECOND = "\"cron\": \"* * * * * *\", \"misfire\": \"all\", \"misfire_tolerance_ms\": 3600000";

    @Test
    void firesEverySecondOnceThoughPostgresIsAwayForAWhile() throws Exception {
        firesEverySecondOnce(TestPostgres::kill, TestPostgres::start);
    }

    @Test
    void firesEverySecondOnceThoughPostgresIsPausedForAWhile() throws Exception {
        firesEverySecondOnce(TestPostgres::pause, TestPostgres::resume);
    }

    private static void firesEverySecondOnce(Consumer<TestPostgres> away, Consumer<TestPostgres> back) throws Exception {
        try (var postgres = TestPostgres.own();
                var stage = new Stage(TestKafka.shared(), postgres);
                var first = stage.start(Map.of());
                var second = stage.start(Map.of())) {
            var schedulings = new Schedulings(stage);
            var from = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            var function = schedulings.deployed("every-second", EVERY_SECOND, from);
            awaitFires(schedulings, 2);
            away.accept(postgres);
            try {
                var since = Instant.now();
                Awaitility.await().atMost(PATIENCE).until(() -> !first.isReady() && !second.isReady() && Instant.now().isAfter(since.plusSeconds(3)));
            } finally {
                back.accept(postgres);
            }
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

    @ParameterizedTest
    @EnumSource
    void firesOnceIfASchedulerIsKilledWithTheRowInItsHands(DyingScheduler.Moment moment) throws Exception {
        try (var stage = new Stage(TestKafka.shared(), TestPostgres.shared())) {
            var schedulings = new Schedulings(stage);
            var ten = Instant.parse("2026-05-05T10:00:00Z");
            var function = schedulings.deployed("hourly", "\"cron\": \"@hourly\"", ten.minusSeconds(1));
            var process = DyingScheduler.start(stage, ten, moment);
            try {
                DyingScheduler.awaitDying(process);
                assertEquals(0, stage.count("(SELECT FROM aerodb.schedules FOR UPDATE SKIP LOCKED) free"), "it has the row");
            } finally {
                process.destroyForcibly().waitFor();
            }
            var other = schedulings.scheduler(new SettableClock(ten.plusSeconds(1)));
            Awaitility.await().atMost(PATIENCE).until(() -> {
                Stage.take(other::fire);
                return schedulings.settledUntil(function).equals(ten);
            });
            assertEquals(moment == DyingScheduler.Moment.BEFORE_KAFKA_HAS_IT ? 1 : 2, schedulings.fires().size());
            assertEquals(1, schedulings.fires().stream().map(Fire::invocation).distinct().count());
            assertEquals(ten, schedulings.fires().getFirst().scheduledFor());
            Schedulings.fireAll(other);
            assertEquals(1, schedulings.fires().stream().map(Fire::invocation).distinct().count());
        }
    }

    @Test
    void tellsHowFarItIsBehind() throws Exception {
        try (var kafka = TestKafka.own(); var stage = new Stage(kafka, TestPostgres.shared()); var scheduler = stage.start(Map.of("AEROFN_SCHEDULER_MAX_LAG", "1s"))) {
            var schedulings = new Schedulings(stage);
            Awaitility.await().atMost(PATIENCE).until(scheduler::isReady);
            schedulings.deployed("every-second", EVERY_SECOND, Instant.now());
            awaitFires(schedulings, 2);
            assertTrue(number(scheduler, "scheduler_fire_lag_seconds_count") >= 2);
            kafka.stop();
            Awaitility.await().atMost(PATIENCE).until(() -> Stage.get(scheduler, "/health/ready").contains("\"schedules\":\"down\""));
            assertTrue(number(scheduler, "scheduler_fire_overdue_seconds") > 1);
            kafka.start();
            Awaitility.await().atMost(PATIENCE).until(scheduler::isReady);
            Awaitility.await().atMost(PATIENCE).until(() -> number(scheduler, "scheduler_fire_overdue_seconds") < 1);
        }
    }

    private static double number(Scheduler scheduler, String metric) throws Exception {
        return Stage.get(scheduler, "/metrics").lines().filter(line -> line.startsWith(metric + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).findFirst().orElseThrow();
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
