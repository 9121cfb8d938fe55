package io.aerodb.functions.scheduler;

import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * How fast a backlog goes and how late what comes one by one is; run by its name, as {@code -Dit.test=DueDrainTimings}. The system
 * property {@code aerofn.due} says how large the backlog is.
 */
class DueDrainTimings {

    private static final int TRICKLE = 200;

    @Test
    void drainsABacklog() throws Exception {
        var count = Integer.getInteger("aerofn.due", 100_000);
        try (var stage = new Stage(TestKafka.shared(), TestPostgres.shared())) {
            fill(stage, count);
            var drain = stage.drain(500);
            var startedAt = System.nanoTime();
            while (Stage.take(drain::drain).isZero()) {
                // there is more
            }
            var took = Duration.ofNanos(System.nanoTime() - startedAt);
            System.out.printf("%d due rows in %d ms: %d a second%n", count, took.toMillis(), count * 1000L / took.toMillis());
        }
    }

    @Test
    void isHardlyLate() throws Exception {
        try (var stage = new Stage(TestKafka.shared(), TestPostgres.shared()); var scheduler = stage.start(Map.of())) {
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(scheduler::isReady);
            var dueAt = new HashMap<InvocationId, Long>();
            for (var i = 0; i < TRICKLE; i++) {
                var due = stage.stored(Stage.GONE_FUNCTION);
                var inMillis = 100 + i % 400;
                dueAt.put(due.request().id(), System.currentTimeMillis() + inMillis);
                stage.dueAt(due.id(), due, 2, inMillis);
                Thread.sleep(20);
            }
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> stage.count("aerodb.due_invocations") == 0);
            var late = stage.records(Topics.EVENTS).stream().mapToLong(record -> record.timestamp() - dueAt.get(stage.decoded(record).id())).sorted().toArray();
            System.out.printf("of %d: p50 %d ms late, p95 %d ms, max %d ms%n", late.length, late[late.length / 2], late[late.length * 95 / 100], late[late.length - 1]);
        }
    }

    private static void fill(Stage stage, int count) throws Exception {
        record Sent(InvocationRequest request, Future<RecordMetadata> metadata) {}
        var sent = new ArrayList<Sent>();
        for (var i = 0; i < count; i++) {
            var request = Stage.request(Stage.GONE_FUNCTION, Instant.now());
            sent.add(new Sent(request, stage.producer.send(stage.codec.encode(Topics.INVOKE, null, request))));
        }
        stage.database.inTransaction(connection -> {
            try (var insert = connection.prepareStatement("INSERT INTO aerodb.due_invocations VALUES (?, 2, now() - ? * interval '1 ms', now(), ?, 'hello', ?, ?, ?)")) {
                for (var i = 0; i < count; i++) {
                    var metadata = sent.get(i).metadata().get();
                    insert.setObject(1, sent.get(i).request().id().value());
                    insert.setInt(2, count - i);
                    insert.setObject(3, Stage.GONE_FUNCTION.functionId());
                    insert.setString(4, metadata.topic());
                    insert.setInt(5, metadata.partition());
                    insert.setLong(6, metadata.offset());
                    insert.addBatch();
                }
                return insert.executeBatch().length;
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
