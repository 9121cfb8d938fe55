package io.aerodb.functions.scheduler;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.kafka.KafkaMonitor;
import io.aerodb.functions.kafka.RecordReader;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.TopicProvisioning;
import io.aerodb.functions.lifecycle.Health;
import io.aerodb.functions.lifecycle.OperationsServer;
import io.aerodb.functions.lifecycle.ShutdownSequence;
import io.aerodb.functions.metrics.Metrics;
import io.aerodb.functions.scheduler.batch.Loop;
import io.aerodb.functions.scheduler.batch.StoredRequests;
import io.aerodb.functions.scheduler.due.DueDrain;
import io.aerodb.functions.scheduler.replay.ReplayRunner;
import io.aerodb.functions.scheduler.schedule.PostgresClock;
import io.aerodb.functions.scheduler.schedule.ScheduleFires;
import io.aerodb.functions.telemetry.Tracing;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running scheduler. It holds no state of its own: more of them share the work, and one that dies loses nothing. */
public final class Scheduler implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);
    /** Rows are held until Kafka has what was sent. */
    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration MAX_BLOCK = Duration.ofSeconds(2);
    private static final long BUFFER_BYTES = 32 << 20;

    private final ShutdownSequence parts;
    private final Health health;
    private final int port;

    private Scheduler(ShutdownSequence parts, Health health, int port) {
        this.parts = parts;
        this.health = health;
        this.port = port;
    }

    /**
     * Builds every part by hand and starts it; waits for Kafka and PostgreSQL as long as it takes.
     *
     * @throws InterruptedException if it is to be stopped meanwhile
     */
    public static Scheduler start(SchedulerSettings settings) throws Exception {
        var parts = new ShutdownSequence();
        try {
            var name = "scheduler-" + UUID.randomUUID().toString().substring(0, 8);
            var clock = Clock.systemUTC();
            var metrics = parts.add("metrics", new Metrics("scheduler"));
            var tracing = parts.add("tracing", Tracing.of(settings.tracing(), "scheduler", name));

            var database = parts.add("database", new Database(settings.database(), "aerofn-scheduler", metrics.registry()));
            database.migrate();

            TopicProvisioning.ensure(settings.kafka(), settings.topics());
            var kafka = parts.add("kafka-monitor", new KafkaMonitor(settings.kafka()));
            var codec = new RequestCodec(settings.recordKeys(), "/" + name, tracing);
            var producer = settings.kafka().spreadingProducer(DELIVERY_TIMEOUT, MAX_BLOCK, BUFFER_BYTES);
            parts.add("producer", () -> producer.close(Duration.ofSeconds(5)));

            // each has a reader of its own, so that neither waits for the other
            var dueRequests = new StoredRequests(parts.add("due-reader", new RecordReader(settings.kafka())), codec);
            var drain = new DueDrain(name, database, dueRequests, codec, producer, kafka::isReachable, settings.batch(), metrics.registry(), clock);
            var dueLoop = parts.add("due-invocations", new Loop("due-invocations", drain::drain));
            dueLoop.start();

            var replayRequests = new StoredRequests(parts.add("replay-reader", new RecordReader(settings.kafka())), codec);
            var replays = new ReplayRunner(name, database, replayRequests, codec, producer, kafka::isReachable, metrics.registry(), clock);
            var replayLoop = parts.add("replays", new Loop("replays", replays::goOn));
            replayLoop.start();

            var fires = new ScheduleFires(name, database, codec, producer, kafka::isReachable, settings.batch(), metrics.registry(), new PostgresClock(database));
            var fireLoop = parts.add("schedules", new Loop("schedules", fires::fire));
            fireLoop.start();

            var health = new Health()
                    .dependency("kafka", kafka::isReachable)
                    .dependency("postgres", database::isReachable)
                    .dependency("due-invocations", () -> dueLoop.isAlive() && drain.lag().compareTo(settings.maxLag()) <= 0)
                    .dependency("schedules", () -> fireLoop.isAlive() && fires.lag().compareTo(settings.maxLag()) <= 0)
                    .dependency("replays", replayLoop::isAlive);
            health.bindTo(metrics.registry());
            var operations = parts.add("operations", new OperationsServer(settings.host(), settings.port(), health, metrics::scrape));
            LOG.atInfo().addKeyValue("scheduler", name).addKeyValue("port", operations.port()).log("scheduler has started");
            return new Scheduler(parts, health, operations.port());
        } catch (Exception e) {
            parts.close();
            throw e;
        }
    }

    /** The port of health and metrics. */
    public int port() {
        return port;
    }

    public boolean isReady() {
        return health.report().isReady();
    }

    /** Lets the batches that are under way end, and stops. */
    @Override
    public void close() {
        parts.close();
    }
}
