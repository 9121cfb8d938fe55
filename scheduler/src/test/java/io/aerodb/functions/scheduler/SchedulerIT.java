package io.aerodb.functions.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class SchedulerIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void wakesUpInTimeAndTellsHowItIs() throws Exception {
        try (var stage = new Stage(TestKafka.shared(), TestPostgres.shared());
                var scheduler = stage.start(Map.of("AEROFN_SECRETS_KEYS", "a setting of others"))) {
            var wanted = new ArrayList<UUID>();
            for (var i = 0; i < 20; i++) {
                var due = stage.stored(Stage.GONE_FUNCTION);
                stage.due(due, 2, i * 25);
                wanted.add(due.id());
            }
            Awaitility.await().atMost(PATIENCE).until(() -> stage.count("aerodb.due_invocations") == 0);
            assertEquals(wanted.stream().sorted().toList(), ids(stage.events()));
            Awaitility.await().atMost(PATIENCE).until(scheduler::isReady);
            var metrics = Stage.get(scheduler, "/metrics");
            assertTrue(metrics.contains("scheduler_lag_seconds_count{service=\"scheduler\"} 20"), metrics);
            assertTrue(metrics.contains("scheduler_overdue_seconds{service=\"scheduler\"}"), metrics);
            assertTrue(Stage.get(scheduler, "/health/ready").contains("\"due-invocations\":\"up\""));
        }
    }

    @Test
    void waitsForKafkaWithoutHoldingRowsAndLosesNothing() throws Exception {
        try (var kafka = TestKafka.own();
                var stage = new Stage(kafka, TestPostgres.shared());
                var scheduler = stage.start(Map.of("AEROFN_SCHEDULER_MAX_LAG", "1s"))) {
            var wanted = new ArrayList<UUID>();
            var due = new ArrayList<Stage.Stored>();
            for (var i = 0; i < 50; i++) {
                due.add(stage.stored(Stage.GONE_FUNCTION));
                wanted.add(due.getLast().id());
            }
            kafka.stop();
            due.forEach(each -> stage.due(each, 2, 0));
            Awaitility.await().atMost(PATIENCE).until(() -> {
                var health = Stage.get(scheduler, "/health/ready");
                return health.contains("\"kafka\":\"down\"") && health.contains("\"due-invocations\":\"down\"");
            });
            Awaitility.await().atMost(PATIENCE).until(() -> stage.count("(SELECT FROM aerodb.due_invocations FOR UPDATE SKIP LOCKED) free") == 50);
            kafka.start();
            Awaitility.await().atMost(PATIENCE).until(() -> stage.count("aerodb.due_invocations") == 0);
            assertEquals(wanted.stream().sorted().toList(), ids(stage.events()).stream().distinct().toList());
            Awaitility.await().atMost(PATIENCE).until(scheduler::isReady);
        }
    }

    @Test
    void waitsForPostgresAndLosesNothing() throws Exception {
        try (var postgres = TestPostgres.own();
                var stage = new Stage(TestKafka.shared(), postgres);
                var scheduler = stage.start(Map.of())) {
            var due = stage.stored(Stage.GONE_FUNCTION);
            stage.due(due, 2, 2000);
            postgres.kill();
            Awaitility.await().atMost(PATIENCE).until(() -> Stage.get(scheduler, "/health/ready").contains("\"postgres\":\"down\""));
            postgres.start();
            Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(() -> stage.count("aerodb.due_invocations") == 0);
            assertEquals(List.of(due.id()), ids(stage.events()));
            Awaitility.await().atMost(PATIENCE).until(scheduler::isReady);
        }
    }

    private static List<UUID> ids(List<InvocationRequest> requests) {
        return requests.stream().map(InvocationRequest::id).map(InvocationId::value).sorted().toList();
    }
}
