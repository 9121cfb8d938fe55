package io.aerodb.functions.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionConfigJson;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.scheduler.Schedulings.Fire;
import io.aerodb.functions.scheduler.schedule.ScheduleFires;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScheduleFiresIT {

    private static final Instant TEN = Instant.parse("2026-05-05T10:00:00Z");
    private static final String EVERY_SECOND = "\"cron\": \"* * * * * *\", \"misfire\": \"all\", \"misfire_tolerance_ms\": 86400000";

    private final SettableClock clock = new SettableClock(TEN);
    private Stage stage;
    private Schedulings schedulings;

    @BeforeEach
    void start() throws InterruptedException {
        stage = new Stage(TestKafka.shared(), TestPostgres.shared());
        schedulings = new Schedulings(stage);
    }

    @AfterEach
    void stop() {
        stage.close();
    }

    @Test
    void putsFiresOnTheEventsLane() {
        var function = schedulings.deployed("nightly", "\"cron\": \"0 2 * * *\", \"timezone\": \"Europe/Paris\"", Instant.parse("2026-05-05T12:00:00Z"));
        clock.set(Instant.parse("2026-05-06T00:00:00.123456789Z"));
        Schedulings.fireAll(schedulings.scheduler(clock));
        var fire = only(schedulings.fires());
        assertEquals("{\"timestamp\":\"2026-05-06T00:00:00.123456Z\",\"schedule\":\"0 2 * * *\",\"scheduled_for\":\"2026-05-06T00:00:00Z\"}",
                Schedulings.payload(fire.request()).toString());
        var request = fire.request();
        assertEquals(TriggerType.SCHEDULE, request.trigger());
        assertEquals(function, request.function());
        assertEquals(Identity.SERVICE, request.identity());
        assertEquals(1, request.attempt());
        assertEquals(Instant.parse("2026-05-06T00:00:00.123456Z"), request.acceptedAt());
        assertEquals(Instant.parse("2026-05-07T00:00:00.123Z"), request.deadline());
        assertNull(fire.record().key());
        assertEquals("2026-05-07 00:00:00", stage.text("SELECT due_at AT TIME ZONE 'UTC' FROM aerodb.schedules"));
    }

    @Test
    void firesOnceWithThreeSchedulersAndAClockThatIsSetForwardsAndBack() throws Exception {
        var functions = new ArrayList<VersionRef>();
        for (var i = 0; i < 10; i++) {
            functions.add(schedulings.deployed("every-second-" + i, EVERY_SECOND, TEN));
        }
        var end = TEN.plusSeconds(100);
        Callable<Void> scheduler = () -> {
            var fires = schedulings.scheduler(clock);
            while (stage.count("aerodb.schedules WHERE settled_until < '" + end + "'") > 0) {
                Stage.take(fires::fire);
            }
            return null;
        };
        var random = new Random(42);
        try (var threads = Executors.newFixedThreadPool(3)) {
            var running = Stream.of(scheduler, scheduler, scheduler).map(threads::submit).toList();
            while (clock.instant().isBefore(end)) {
                var next = clock.instant().plusMillis(random.nextInt(-3000, 7000));
                clock.set(next.isAfter(end) ? end : next);
                Thread.sleep(20);
            }
            for (var each : running) {
                each.get();
            }
        }
        var fires = schedulings.fires();
        assertEquals(1000, fires.stream().map(Fire::invocation).distinct().count());
        assertEquals(1000, fires.size());
        for (var function : functions) {
            assertEquals(Stream.iterate(1, i -> i <= 100, i -> i + 1).map(TEN::plusSeconds).toList(), schedulings.fireTimes(function));
        }
    }

    @Test
    void firesOnceIfASchedulerDiesWithTheRowInItsHandsBeforeItSends() {
        schedulings.deployed("hourly", "\"cron\": \"@hourly\"", TEN.minusSeconds(1));
        var dies = schedulings.scheduler(clock, schedulings.producer(_ -> {
            throw new AssertionError("died");
        }));
        assertThrows(AssertionError.class, dies::fire);
        assertEquals(List.of(), schedulings.fires());
        Schedulings.fireAll(schedulings.scheduler(clock));
        assertEquals(TEN, only(schedulings.fires()).scheduledFor());
    }

    @Test
    void sendsTheSameAgainIfASchedulerDiesBetweenKafkaAndTheCommit() {
        schedulings.deployed("hourly", "\"cron\": \"@hourly\"", TEN.minusSeconds(1));
        var dies = schedulings.scheduler(clock, schedulings.producer(record -> {
            var sent = stage.producer.send(record);
            sent.get();
            stage.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'");
            return sent;
        }));
        assertThrows(UnavailableException.class, dies::fire);
        clock.move(Duration.ofSeconds(2));
        Schedulings.fireAll(schedulings.scheduler(clock));
        var fires = schedulings.fires();
        assertEquals(2, fires.size());
        assertEquals(1, fires.stream().map(Fire::invocation).distinct().count());
        Schedulings.fireAll(schedulings.scheduler(clock));
        assertEquals(2, schedulings.fires().size());
    }

    @Test
    void makesUpForAnHourAsTheScheduleSays() {
        var policies = Map.of("none", List.<Instant>of(), "latest", List.of(TEN.plusSeconds(3600)),
                "all", Stream.iterate(5, i -> i <= 60, i -> i + 5).map(i -> TEN.plusSeconds(i * 60)).toList());
        policies.keySet().forEach(policy -> schedulings.deployed("misfire-" + policy, "\"cron\": \"*/5 * * * *\", \"misfire\": \"" + policy + "\"", TEN));
        clock.set(TEN.plusSeconds(3600 + 90));
        Schedulings.fireAll(schedulings.scheduler(clock));
        policies.forEach((policy, expected) -> assertEquals(expected,
                schedulings.fires().stream().filter(fire -> fire.function().equals("misfire-" + policy)).map(Fire::scheduledFor).toList(), policy));
        assertEquals(2, schedulings.metrics.counter("scheduler.fire.missed").count());
    }

    @Test
    void firesNothingForAFunctionThatIsDisabledOrDeleted() {
        var function = schedulings.deployed("asleep", EVERY_SECOND, TEN);
        var members = "{\"triggers\": [{\"type\": \"schedule\", " + EVERY_SECOND + "}], \"enabled\": %s}";
        stage.deployed("asleep", (byte) 1, FunctionConfigJson.parse(members.formatted("false")));
        schedulings.deployed("deleted", EVERY_SECOND, TEN);
        new FunctionStore(stage.database).delete(new FunctionName("deleted"));
        var scheduler = schedulings.scheduler(clock);
        clock.move(Duration.ofSeconds(10));
        Schedulings.fireAll(scheduler);
        assertEquals(List.of(), schedulings.fires());

        stage.deployed("asleep", (byte) 1, FunctionConfigJson.parse(members.formatted("true")));
        clock.move(Duration.ofSeconds(1));
        Schedulings.fireAll(scheduler);
        assertEquals(List.of(TEN.plusSeconds(11)), schedulings.fireTimes(function), "and none of those that it slept through");
    }

    @Test
    void keepsAScheduleThatADeploymentDoesNotChange() {
        var function = schedulings.deployed("hourly", "\"cron\": \"@hourly\"", TEN);
        var next = stage.deployed("hourly", (byte) 7, FunctionConfigJson.parse("{\"triggers\": [{\"cron\": \"@hourly\", \"type\": \"schedule\"}], \"timeout_ms\": 500}"));
        assertEquals(TEN, schedulings.settledUntil(function));
        clock.set(TEN.plusSeconds(3600));
        Schedulings.fireAll(schedulings.scheduler(clock));
        assertEquals(next, only(schedulings.fires()).request().function(), "the version that is active now");
        stage.deployed("hourly", (byte) 7, FunctionConfig.DEFAULT);
        assertEquals(0, stage.count("aerodb.schedules"));
    }

    @Test
    void skipsWhileTheFireBeforeIsUnderWay() {
        var function = schedulings.deployed("skipping", "\"cron\": \"* * * * *\", \"overlap\": \"skip\"", TEN);
        var scheduler = schedulings.scheduler(clock);
        fireAt(scheduler, 1);
        fireAt(scheduler, 2);
        assertEquals(List.of(minute(1)), schedulings.fireTimes(function), "nothing is known of the first one");
        row(only(schedulings.fires()), "scheduled", clock.instant().minusSeconds(60));
        fireAt(scheduler, 3);
        assertEquals(List.of(minute(1)), schedulings.fireTimes(function), "the first one is tried again");
        stage.execute("UPDATE aerodb.function_invocations SET status = 'succeeded'");
        fireAt(scheduler, 4);
        fireAt(scheduler, 5);
        assertEquals(List.of(minute(1), minute(4)), schedulings.fireTimes(function));
        assertEquals(3, schedulings.metrics.counter("scheduler.fire.skipped").count());
        clock.move(Duration.ofHours(25));
        Schedulings.fireAll(scheduler);
        assertEquals(3, schedulings.fires().size(), "the fourth one can no longer be tried");
    }

    @Test
    void knowsTheRowOfAFireThatWasSentTwice() {
        var function = schedulings.deployed("skipping", "\"cron\": \"* * * * *\", \"overlap\": \"skip\"", TEN);
        var scheduler = schedulings.scheduler(clock);
        fireAt(scheduler, 1);
        var first = only(schedulings.fires());
        var acceptedBefore = minute(1).minusSeconds(3);
        stage.execute("INSERT INTO aerodb.invocation_claims (id, accepted_at, attempt, worker) VALUES ('%s', '%s', 1, 'worker')".formatted(first.invocation(), acceptedBefore));
        fireAt(scheduler, 2);
        row(first, "failed", acceptedBefore);
        fireAt(scheduler, 3);
        assertEquals(List.of(minute(1), minute(3)), schedulings.fireTimes(function));
    }

    @Test
    void letsFiresQueueByTheirKey() {
        schedulings.deployed("queueing", "\"cron\": \"* * * * *\", \"overlap\": \"queue\", \"misfire\": \"all\"", TEN);
        clock.set(minute(30));
        Schedulings.fireAll(schedulings.scheduler(clock));
        var records = schedulings.fires().stream().map(Fire::record).toList();
        assertEquals(30, records.size());
        assertNotNull(records.getFirst().key());
        assertEquals(1, records.stream().map(record -> new String(record.key(), StandardCharsets.UTF_8)).distinct().count());
        assertEquals(1, records.stream().map(ConsumerRecord::partition).distinct().count(), "only there they are in order");
        assertEquals(records.stream().sorted(Comparator.comparing(ConsumerRecord::offset)).toList(), records);
    }

    @Test
    void lastsTheQueueWhereAPolicyChanges() {
        schedulings.deployed("queueing", "\"cron\": \"* * * * *\", \"overlap\": \"queue\"", TEN);
        var scheduler = schedulings.scheduler(clock);
        fireAt(scheduler, 1);
        stage.deployed("queueing", (byte) 1, Schedulings.config("\"cron\": \"* * * * *\", \"overlap\": \"queue\", \"misfire\": \"none\""));
        schedulings.lookAtAll(minute(2));
        fireAt(scheduler, 2);
        assertEquals(2, schedulings.fires().size());
        assertEquals(1, schedulings.fires().stream().map(fire -> new String(fire.record().key(), StandardCharsets.UTF_8)).distinct().count());
    }

    @Test
    void tellsTheOutcomeLogOfEveryFireThatKafkaHas() {
        var function = schedulings.deployed("told", "\"cron\": \"* * * * *\", \"misfire\": \"all\"", TEN);
        clock.set(minute(30));
        Schedulings.fireAll(schedulings.scheduler(clock));
        var fires = schedulings.fires();
        assertEquals(30, fires.size());
        stage.producer.flush();
        var told = stage.entries().stream().collect(Collectors.toMap(InvocationEntry::id, entry -> entry));
        assertEquals(30, told.size());
        for (var fire : fires) {
            var position = new RecordPosition(fire.record().topic(), fire.record().partition(), fire.record().offset());
            assertEquals(InvocationEntry.accepted(fire.request(), position, "scheduler-test"), told.get(fire.invocation()));
        }
        assertEquals("schedule", told.get(fires.getFirst().invocation()).trigger());
        assertEquals(function.version(), told.get(fires.getFirst().invocation()).version());
    }

    @Test
    void firesThoughTheOutcomeLogTakesNothing() {
        schedulings.deployed("untold", "\"cron\": \"@hourly\"", TEN.minusSeconds(1));
        Schedulings.fireAll(schedulings.scheduler(clock, schedulings.producer(Topics.INVOCATIONS, _ -> {
            throw new TimeoutException("full");
        })));
        assertEquals(TEN, only(schedulings.fires()).scheduledFor());
        assertEquals(0, stage.count("aerodb.schedules WHERE due_at <= '" + TEN + "'"));
    }

    @Test
    void firesOneThatChangesWhileItIsLateAndKnowsItsFires() {
        var function = schedulings.deployed("late", "\"cron\": \"* * * * *\"", TEN);
        clock.set(minute(1));
        var dies = schedulings.scheduler(clock, schedulings.producer(record -> {
            stage.producer.send(record).get();
            stage.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'");
            throw new TimeoutException("died");
        }));
        assertThrows(UnavailableException.class, dies::fire);
        stage.deployed("late", (byte) 1, Schedulings.config("\"cron\": \"* * * * *\", \"misfire\": \"all\""));
        schedulings.lookAtAll(clock.instant());
        Schedulings.fireAll(schedulings.scheduler(clock));
        assertEquals(List.of(minute(1), minute(1)), schedulings.fireTimes(function));
        assertEquals(1, schedulings.fires().stream().map(Fire::invocation).distinct().count(), "the same, though the trigger is another one");
    }

    @Test
    void firesInTimeWhileOthersCatchUp() {
        var far = Stream.iterate(0, i -> i < 20, i -> i + 1).map(i -> schedulings.deployed("behind-" + i, EVERY_SECOND, TEN)).toList();
        clock.move(Duration.ofHours(10));
        var tenHoursLater = clock.instant();
        var soon = schedulings.deployed("soon-missed", "\"cron\": \"0 * * * * *\", \"misfire\": \"none\"", tenHoursLater.minusSeconds(60));
        stage.execute("UPDATE aerodb.schedules SET missed_at = due_at + CASE WHEN due_at = '" + TEN + "' THEN interval '1 day' ELSE interval '2 minutes' END");
        var inTime = schedulings.deployed("in-time", "\"cron\": \"* * * * * *\", \"misfire\": \"none\", \"misfire_tolerance_ms\": 1000", tenHoursLater);
        var scheduler = schedulings.scheduler(clock);
        clock.move(Duration.ofSeconds(1));
        Stage.take(scheduler::fire);
        assertEquals(List.of(tenHoursLater.plusSeconds(1)), schedulings.fireTimes(inTime));
        assertEquals(List.of(tenHoursLater), schedulings.fireTimes(soon), "it would have been missed next");
        var before = schedulings.fires().size();
        for (var i = 0; i < 5; i++) {
            clock.move(Duration.ofMillis(100));
            Stage.take(scheduler::fire);
        }
        assertTrue(schedulings.fires().size() - before <= 5 * (Schedulings.BATCH + 20), "no more than a batch at once");
        for (var function : far) {
            assertEquals(schedulings.fireTimes(function), Stream.iterate(TEN.plusSeconds(1), time -> time.plusSeconds(1)).limit(schedulings.fireTimes(function).size()).toList());
        }
        assertTrue(far.stream().map(schedulings::fireTimes).mapToInt(List::size).max().orElseThrow() <= 6 * 20, "a few of each at once");
    }

    @Test
    void putsOffOneWhoseFireKafkaRefuses() {
        var refused = schedulings.deployed("refused", "\"cron\": \"@hourly\"", TEN.minusSeconds(1));
        var taken = schedulings.deployed("taken", "\"cron\": \"0 * * * *\"", TEN.minusSeconds(1));
        var choosy = schedulings.producer(record -> new String(record.value(), StandardCharsets.UTF_8).contains("@hourly")
                ? CompletableFuture.failedFuture(new RecordTooLargeException("too large"))
                : stage.producer.send(record));
        Schedulings.fireAll(schedulings.scheduler(clock, choosy));
        assertEquals(List.of(TEN), schedulings.fireTimes(taken));
        assertEquals(List.of(), schedulings.fireTimes(refused));
        clock.move(Duration.ofSeconds(6));
        Schedulings.fireAll(schedulings.scheduler(clock));
        assertEquals(List.of(TEN), schedulings.fireTimes(refused));
    }

    @Test
    void putsOffOneThatPostgresDoesNotSettle() {
        var stuck = schedulings.deployed("stuck", "\"cron\": \"@hourly\"", TEN.minusSeconds(1));
        var free = schedulings.deployed("free", "\"cron\": \"@hourly\"", TEN.minusSeconds(1));
        stage.execute("""
                CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'out of range' USING ERRCODE = '22008'; END $$;
                CREATE TRIGGER refuse BEFORE UPDATE OF settled_until ON aerodb.schedules FOR EACH ROW
                WHEN (old.trigger_id = '%s') EXECUTE FUNCTION public.refuse()"""
                .formatted(stage.text("SELECT id FROM aerodb.function_triggers WHERE function_id = '" + stuck.functionId() + "'")));
        var scheduler = schedulings.scheduler(clock);
        Schedulings.fireAll(scheduler);
        assertEquals(TEN, schedulings.settledUntil(free));
        assertEquals(TEN.minusSeconds(1), schedulings.settledUntil(stuck));
        assertFalse(Stage.take(scheduler::fire).isZero(), "it waits for its turn");
        stage.execute("DROP TRIGGER refuse ON aerodb.schedules");
        clock.move(Duration.ofSeconds(6));
        Schedulings.fireAll(scheduler);
        assertEquals(TEN, schedulings.settledUntil(stuck));
        assertEquals(1, schedulings.fireTimes(stuck).stream().distinct().count());
    }

    @Test
    void knowsThatAFireHasSucceededWhoseRowIsRemoved() {
        var function = schedulings.deployed("skipping", "\"cron\": \"0 10 * * *\", \"overlap\": \"skip\"", TEN.minusSeconds(1), ", \"retry\": {\"max_age_ms\": 604800000}");
        var scheduler = schedulings.scheduler(clock);
        Schedulings.fireAll(scheduler);
        var first = only(schedulings.fires());
        clock.move(Duration.ofDays(1));
        Schedulings.fireAll(scheduler);
        assertEquals(1, schedulings.fires().size(), "nobody knows whether it runs");
        stage.execute("INSERT INTO aerodb.invocation_claims (id, accepted_at, attempt, worker) VALUES ('%s', '%s', 1, 'worker')".formatted(first.invocation(), TEN));
        clock.move(Duration.ofDays(1));
        Schedulings.fireAll(scheduler);
        assertEquals(List.of(TEN, TEN.plus(Duration.ofDays(2))), schedulings.fireTimes(function));
        assertEquals(TEN.plus(Duration.ofDays(7)), first.request().deadline());
    }

    @Test
    void leavesWhatItDoesNotUnderstandToNewerSchedulers() {
        var function = schedulings.deployed("newer", EVERY_SECOND, TEN);
        stage.execute("UPDATE aerodb.function_triggers SET definition = definition || '{\"misfire\": \"sometimes\"}'");
        clock.move(Duration.ofSeconds(1));
        var scheduler = schedulings.scheduler(clock);
        Schedulings.fireAll(scheduler);
        assertEquals(List.of(), schedulings.fires());
        assertEquals(TEN, schedulings.settledUntil(function));
        assertFalse(scheduler.fire().isZero(), "it does not go round in circles");
    }

    private void fireAt(ScheduleFires scheduler, int minute) {
        clock.set(minute(minute));
        Schedulings.fireAll(scheduler);
    }

    private void row(Fire fire, String status, Instant acceptedAt) {
        stage.execute("""
                INSERT INTO aerodb.function_invocations (id, accepted_at, function_id, function, version, trigger, status, role, attempt,
                    queue_ms, duration_ms, memory_peak, log, log_truncated, request_topic, request_partition, request_offset, worker)
                VALUES ('%s', '%s', '%s', '%s', 1, 'schedule', '%s', 'service_role', 1, 0, 0, 0, '[]', false, 'functions.events', 0, 0, 'worker')"""
                .formatted(fire.invocation(), acceptedAt, fire.request().function().functionId(), fire.function(), status));
    }

    private static Instant minute(int count) {
        return TEN.plus(Duration.ofMinutes(count));
    }

    private static Fire only(List<Fire> fires) {
        assertEquals(1, new HashSet<>(fires).size(), fires.toString());
        return fires.getFirst();
    }
}
