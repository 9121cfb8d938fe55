package io.aerodb.functions.worker.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.TopicProvisioning;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RecorderIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int COMINGS = 4;

    private final Logger logger = (Logger) LoggerFactory.getLogger(Recorder.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicBoolean enough = new AtomicBoolean();
    private TestKafka broker;
    private Kafka kafka;
    private Database database;

    @BeforeEach
    void start() throws InterruptedException {
        broker = TestKafka.own();
        kafka = new Kafka(broker.bootstrap(), "test");
        TopicProvisioning.ensure(kafka, new Topics(1, 1, 1, 6, Duration.ofDays(1), Duration.ofDays(1), 1));
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

    private Recorder recorder() {
        return new Recorder(kafka, new InvocationLog(database), new SimpleMeterRegistry());
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
        return database.run(connection -> {
            try (var statement = connection.createStatement();
                    var result = statement.executeQuery("SELECT count(*) FROM aerodb.function_invocations")) {
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
