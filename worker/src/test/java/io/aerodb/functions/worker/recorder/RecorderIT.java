package io.aerodb.functions.worker.recorder;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.invocation.DeadLetter;
import io.aerodb.functions.invocation.DeadLetterList;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.DeadLetters;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.TopicProvisioning;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RecorderIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int COMINGS = 4;

    private final Logger logger = (Logger) LoggerFactory.getLogger(Recorder.class.getPackageName());
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicBoolean enough = new AtomicBoolean();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private TestKafka broker;
    private Kafka kafka;
    private Database database;

    @BeforeEach
    void start() throws InterruptedException {
        broker = TestKafka.own();
        kafka = new Kafka(broker.bootstrap(), "test");
        TopicProvisioning.ensure(kafka, new Topics(1, 1, 1, 6, Duration.ofDays(1), Duration.ofDays(1), 1, 1));
        var target = TestPostgres.shared().newDatabase();
        database = new Database(new DatabaseSettings(target.jdbcUrl(), target.user(), new Secret(target.password()), 4), "test", new SimpleMeterRegistry());
        database.migrate();
        logged.start();
        logger.addAppender(logged);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(logged);
        database.close();
        broker.close();
    }

    @Test
    void takesTheComingAndGoingOfOthersAsNormal() throws Exception {
        var sender = Thread.ofPlatform().start(this::sendUntilEnough);
        try (var stays = recorder()) {
            stays.start();
            for (int i = 0; i < COMINGS; i++) {
                try (var comes = recorder()) {
                    comes.start();
                    awaitRows(sent.get() + 200);
                }
                awaitRows(sent.get() + 200);
            }
            enough.set(true);
            sender.join();
            awaitRows(sent.get());
        } finally {
            enough.set(true);
            sender.join();
        }
        assertEquals(sent.get(), rows());
        assertEquals(List.of(), logged.list.stream().filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN)).toList());
    }

    @Test
    void goesOnWhereAnotherHasStopped() throws Exception {
        var id = InvocationId.at(Instant.now());
        try (var producer = kafka.producer(Duration.ofSeconds(30), Duration.ofSeconds(5), 1 << 20)) {
            producer.send(EntryCodec.encode(told(id, "accepted", 1, null))).get();
            producer.send(EntryCodec.encode(told(id, "scheduled", 1, Instant.now().plusSeconds(60)))).get();
            try (var first = recorder()) {
                first.start();
                await().atMost(PATIENCE).until(() -> status(id).equals("scheduled"));
                assertEquals(1, count("aerodb.due_invocations"));
            }
            producer.send(EntryCodec.encode(told(id, "accepted", 1, null))).get();
            producer.send(EntryCodec.encode(told(id, "succeeded", 2, null))).get();
            try (var second = recorder()) {
                second.start();
                await().atMost(PATIENCE).until(() -> status(id).equals("succeeded"));
                await().atMost(PATIENCE).until(() -> metrics.get("recorder.lag").gauge().value() == 0);
            }
        }
        assertEquals(1, rows());
        assertEquals(0, count("aerodb.due_invocations"));
    }

    @Test
    void listsDeadLettersOnceWhateverTheyAre() throws Exception {
        var own = new ConsumerRecord<>(Topics.INVOKE, 0, 7, new byte[] {1}, new byte[] {2});
        try (var producer = kafka.producer(Duration.ofSeconds(30), Duration.ofSeconds(5), 16 << 20);
                var recorder = recorder()) {
            producer.send(DeadLetters.encode(own, "the seal\0does not hold", 0, null)).get();
            producer.send(new ProducerRecord<>(Topics.DEAD_LETTERS, "noise".getBytes(StandardCharsets.UTF_8))).get();
            producer.send(new ProducerRecord<>(Topics.INVOCATIONS, "noise".getBytes(StandardCharsets.UTF_8))).get();
            recorder.start();
            await().atMost(PATIENCE).until(() -> count("aerodb.dead_letters") == 3);
        }
        try (var next = recorder(); var producer = kafka.producer(Duration.ofSeconds(30), Duration.ofSeconds(5), 1 << 20)) {
            next.start();
            producer.send(EntryCodec.encode(ended())).get();
            awaitRows(1);
        }
        var letters = new DeadLetterList(database).search(new DeadLetterList.Search(null, null, 10));
        assertEquals(List.of("not an entry in JSON", "no reason was given", "the seal\uFFFDdoes not hold"),
                letters.stream().map(DeadLetter::reason).toList());
        assertEquals(new RecordPosition(Topics.INVOKE, 0, 7), letters.getLast().source());
        assertEquals(Topics.INVOCATIONS, letters.getFirst().source().topic());
    }

    @Test
    void passesOverWhatPostgresqlRefuses() throws Exception {
        var refused = told(InvocationId.at(Instant.now()), "succ\0eeded", 1, null);
        try (var producer = kafka.producer(Duration.ofSeconds(30), Duration.ofSeconds(5), 1 << 20); var recorder = recorder()) {
            producer.send(EntryCodec.encode(refused)).get();
            producer.send(EntryCodec.encode(ended())).get();
            recorder.start();
            await().atMost(PATIENCE).until(() -> rows() == 1 && count("aerodb.dead_letters") == 1);
        }
    }

    private static InvocationEntry told(InvocationId id, String status, int attempt, @Nullable Instant retryAt) {
        var time = id.time().orElseThrow();
        return new InvocationEntry(id.value(), new UUID(1, 2), "f", 1, "http", status, null, null, "anon", null, null, attempt, time, null,
                status.equals("accepted") ? null : time, 1, 1, 0, List.of(), false, new RecordPosition(Topics.EVENTS, 0, 0), Lineage.NONE, retryAt, null,
                "worker-test");
    }

    private String status(InvocationId id) {
        return new InvocationLog(database).find(id).map(InvocationEntry::status).orElse("");
    }

    private Recorder recorder() {
        return new Recorder(kafka, new InvocationLog(database), new DeadLetterList(database), metrics, Clock.systemUTC());
    }

    private void sendUntilEnough() {
        try (var producer = kafka.producer(Duration.ofSeconds(30), Duration.ofSeconds(5), 1 << 20)) {
            while (!enough.get()) {
                producer.send(EntryCodec.encode(ended())).get();
                sent.incrementAndGet();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitRows(int wanted) throws InterruptedException {
        var end = System.nanoTime() + PATIENCE.toNanos();
        while (rows() < wanted && System.nanoTime() < end) {
            Thread.sleep(20);
        }
    }

    private int rows() {
        return count("aerodb.function_invocations");
    }

    private int count(String table) {
        return database.run(connection -> {
            try (var statement = connection.createStatement();
                    var result = statement.executeQuery("SELECT count(*) FROM " + table)) {
                result.next();
                return result.getInt(1);
            }
        });
    }

    private static InvocationEntry ended() {
        var now = Instant.now();
        return new InvocationEntry(UUID.randomUUID(), UUID.randomUUID(), "f", 1, "http", "succeeded", null, null, "anon", "anon", null, 1,
                now, now, now, 1, 1, 65536, List.of(), false, new RecordPosition(Topics.INVOKE, 0, 0), "worker-test");
    }
}
