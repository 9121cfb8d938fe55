package io.aerodb.functions.scheduler;

import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * How late many schedules fire, 20 of each function, with two schedulers; run by its name, as {@code -Dit.test=ScheduleTimings}. The
 * system property {@code aerofn.schedules} says how many there are.
 */
class ScheduleTimings {

    private static final int COUNT = Integer.getInteger("aerofn.schedules", 10_000);
    private static final int FUNCTIONS = Math.max(1, COUNT / 20);

    @Test
    void firesManyOverAMinute() throws Exception {
        measure("over a minute", "i % 60 || ' * * * * *'");
    }

    @Test
    void firesManyAtOnce() throws Exception {
        measure("all at once", "'* * * * *'");
    }

    /** @param cron of the i-th schedule, in SQL */
    private static void measure(String what, String cron) throws Exception {
        try (var stage = new Stage(TestKafka.shared(), TestPostgres.shared()); var first = stage.start(Map.of()); var second = stage.start(Map.of())) {
            for (var i = 0; i < FUNCTIONS; i++) {
                stage.deployed("function-" + i, (byte) 1, FunctionConfig.DEFAULT);
            }
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> first.isReady() && second.isReady());
            stage.execute("""
                    INSERT INTO aerodb.function_triggers (id, function_id, type, definition)
                    SELECT gen_random_uuid(), f.id, 'schedule', jsonb_build_object('type', 'schedule', 'cron', %s)
                    FROM generate_series(1, %d) i JOIN (SELECT id, row_number() OVER () AS n FROM aerodb.functions) f ON f.n = 1 + i %% %d"""
                    .formatted(cron, COUNT, FUNCTIONS));
            stage.execute("INSERT INTO aerodb.schedules (trigger_id) SELECT id FROM aerodb.function_triggers");
            // the first minute is for getting to know them
            var from = Instant.now().truncatedTo(ChronoUnit.MINUTES).plus(Duration.ofMinutes(2));
            var until = from.plus(Duration.ofMinutes(1));
            Awaitility.await().atMost(Duration.ofMinutes(4)).until(() -> Instant.now().isAfter(until.plusSeconds(5)));
            var late = new Schedulings(stage).fires().stream()
                    .filter(fire -> !fire.scheduledFor().isBefore(from) && fire.scheduledFor().isBefore(until))
                    .mapToLong(fire -> fire.record().timestamp() - fire.scheduledFor().toEpochMilli())
                    .sorted().toArray();
            System.out.printf("%s, %d schedules: %d fires, p50 %d ms late, p95 %d ms, p99 %d ms, max %d ms%n", what, COUNT, late.length,
                    late[late.length / 2], late[late.length * 95 / 100], late[late.length * 99 / 100], late[late.length - 1]);
        }
    }
}
