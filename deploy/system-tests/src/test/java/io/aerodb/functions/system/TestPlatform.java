package io.aerodb.functions.system;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.gateway.Gateway;
import io.aerodb.functions.gateway.GatewaySettings;
import io.aerodb.functions.invocation.DeadLetterList;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.lifecycle.ShutdownSequence;
import io.aerodb.functions.metrics.Metrics;
import io.aerodb.functions.scheduler.Scheduler;
import io.aerodb.functions.scheduler.SchedulerSettings;
import io.aerodb.functions.testkit.TestDatabase;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import io.aerodb.functions.triggerbridge.BridgeSettings;
import io.aerodb.functions.triggerbridge.TriggerBridge;
import io.aerodb.functions.worker.Worker;
import io.aerodb.functions.worker.WorkerSettings;
import io.aerodb.functions.worker.recorder.Recorder;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** Gateways, workers, schedulers and trigger bridges in this JVM, on a real broker and a real database of their own. */
final class TestPlatform implements AutoCloseable {

    static final String JWT_SECRET = "a secret for tests that is long enough";
    private static final String RECORD_KEYS = "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    static final String SECRETS_KEYS = "s1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    private static final Duration READY = Duration.ofSeconds(60);

    private final ShutdownSequence parts = new ShutdownSequence();
    private final Map<String, String> shared;
    private final TestDatabase database;
    private final String kafka;

    private TestPlatform(TestKafka kafka, TestDatabase database) {
        this.kafka = kafka.bootstrap();
        this.database = database;
        shared = Map.of(
                "AEROFN_KAFKA_BOOTSTRAP", kafka.bootstrap(),
                "AEROFN_KAFKA_REQUEST_PARTITIONS", "4",
                "AEROFN_KAFKA_EVENT_PARTITIONS", "4",
                "AEROFN_KAFKA_REPLY_PARTITIONS", "2",
                "AEROFN_KAFKA_OUTCOME_PARTITIONS", "2",
                "AEROFN_RECORD_KEYS", RECORD_KEYS,
                "AEROFN_SECRETS_KEYS", SECRETS_KEYS,
                "AEROFN_DATABASE_URL", database.jdbcUrl(),
                "AEROFN_DATABASE_USER", database.user(),
                "AEROFN_DATABASE_PASSWORD", database.password());
    }

    /** Nothing of ours runs on it yet. Kafka's topics have fixed names, so one broker serves one platform at a time. */
    static TestPlatform on(TestKafka kafka, TestPostgres postgres) {
        return new TestPlatform(kafka, postgres.newDatabase());
    }

    Api startGateway(Map<String, String> settings) throws Exception {
        var all = new HashMap<>(shared);
        all.put("AEROFN_GATEWAY_HOST", "127.0.0.1");
        all.put("AEROFN_GATEWAY_PORT", "0");
        all.put("AEROFN_GATEWAY_JWT_SECRET", JWT_SECRET);
        all.putAll(settings);
        var gateway = parts.add("gateway", Gateway.start(GatewaySettings.read(Settings.of("gateway", all))));
        return new Api(URI.create("http://127.0.0.1:" + gateway.port()));
    }

    /** Makes rows of what is told on the outcome log, as every worker does beside running functions. */
    AutoCloseable startRecorder() {
        var read = Settings.of("worker", shared);
        var recording = new ShutdownSequence();
        var metrics = recording.add("metrics", new Metrics("recorder"));
        var rows = recording.add("database", new Database(DatabaseSettings.read(read), "aerofn-recorder", metrics.registry()));
        var recorder = recording.add("recorder", new Recorder(
                Kafka.read(read, "aerofn-recorder"), new InvocationLog(rows), new DeadLetterList(rows), metrics.registry(), Clock.systemUTC()));
        recorder.start();
        return recording;
    }

    Worker startWorker(Map<String, String> settings) throws Exception {
        var all = new HashMap<>(shared);
        all.put("AEROFN_WORKER_HOST", "127.0.0.1");
        all.put("AEROFN_WORKER_PORT", "0");
        all.put("AEROFN_WORKER_SLOTS", "32");
        all.put("AEROFN_WORKER_MEMORY_BUDGET", "256MiB");
        all.putAll(settings);
        var worker = parts.add("worker", Worker.start(WorkerSettings.read(Settings.of("worker", all))));
        Awaitility.await().atMost(READY).pollInterval(Duration.ofMillis(50)).until(worker::isReady);
        return worker;
    }

    Scheduler startScheduler(Map<String, String> settings) throws Exception {
        var all = new HashMap<>(shared);
        all.put("AEROFN_SCHEDULER_HOST", "127.0.0.1");
        all.put("AEROFN_SCHEDULER_PORT", "0");
        all.putAll(settings);
        var scheduler = parts.add("scheduler", Scheduler.start(SchedulerSettings.read(Settings.of("scheduler", all))));
        Awaitility.await().atMost(READY).pollInterval(Duration.ofMillis(50)).until(scheduler::isReady);
        return scheduler;
    }

    TriggerBridge startBridge(Map<String, String> settings) throws Exception {
        var all = new HashMap<>(shared);
        all.put("AEROFN_BRIDGE_HOST", "127.0.0.1");
        all.put("AEROFN_BRIDGE_PORT", "0");
        all.putAll(settings);
        var bridge = parts.add("bridge", TriggerBridge.start(BridgeSettings.read(Settings.of("bridge", all))));
        Awaitility.await().atMost(READY).pollInterval(Duration.ofMillis(50)).until(bridge::isReady);
        return bridge;
    }

    /**
     * Makes its database safe for functions, with passwords that all databases of a server share, as they share the roles.
     *
     * @return what workers have to be told
     */
    Map<String, String> hardenDatabase() throws SQLException {
        var settings = GuestSettings.of(database.jdbcUrl());
        try (var admin = database.connectAsAdmin()) {
            GuestSettings.apply(settings, admin);
        }
        return settings;
    }

    /** As the owner of its database. */
    void execute(String sql) throws SQLException {
        try (var connection = database.connect(); var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    TestDatabase database() {
        return database;
    }

    String kafkaBootstrap() {
        return kafka;
    }

    Map<String, String> sharedSettings() {
        return shared;
    }

    /** The rows of a query, each one as a list of its columns. */
    List<List<Object>> query(String sql) {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            var result = new ArrayList<List<Object>>();
            while (rows.next()) {
                var row = new ArrayList<Object>();
                for (var column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                    row.add(rows.getObject(column));
                }
                result.add(row);
            }
            return result;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    @Override
    public void close() {
        parts.close();
    }
}
