package io.aerodb.functions.system.fault;

import io.aerodb.functions.embedded.FreePort;
import io.aerodb.functions.system.Api;
import io.aerodb.functions.testkit.TestDatabase;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The services as JVMs of their own, on a broker and a database that can be stopped and started. Functions wait up to 60 s for a worker,
 * so that a call outlives the loss of one.
 */
final class ProcessPlatform implements AutoCloseable {

    private static final String GATEWAY = "io.aerodb.functions.gateway.Main";
    private static final String WORKER = "io.aerodb.functions.worker.Main";
    private static final String SCHEDULER = "io.aerodb.functions.scheduler.Main";
    /** What seals the requests. */
    static final String RECORD_KEY_ID = "k1";
    static final String RECORD_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    private final TestKafka kafka = TestKafka.own();
    private final TestPostgres postgres;
    private final TestDatabase database;
    private final Path logs;
    private final List<ServiceProcess> services = new ArrayList<>();
    private int started;

    private ProcessPlatform(Path logs) {
        this.logs = logs;
        postgres = TestPostgres.own();
        database = postgres.newDatabase();
    }

    /** With the servers only. @param logs where those of the services go; they stay there */
    static ProcessPlatform start(Path logs) throws IOException {
        return new ProcessPlatform(Files.createDirectories(logs));
    }

    TestKafka kafka() {
        return kafka;
    }

    TestPostgres postgres() {
        return postgres;
    }

    TestDatabase database() {
        return database;
    }

    /** Of the gateway that runs, or of a new one if none does. */
    Api api() {
        var gateway = running("gateway").stream().findFirst().orElseGet(() -> startGateway(Map.of()));
        return new Api(gateway.url());
    }

    /** @param settings besides those that all services share */
    ServiceProcess startGateway(Map<String, String> settings) {
        var all = new HashMap<>(Map.of(
                "AEROFN_GATEWAY_JWT_SECRET", Api.JWT_SECRET,
                "AEROFN_GATEWAY_QUEUE_TIMEOUT", "60s"));
        all.putAll(settings);
        return launch("gateway", ServiceProcess.Build.current(), GATEWAY, FreePort.find(), all).awaitReady();
    }

    /** Takes its share of the lanes when this returns. */
    ServiceProcess startWorker() {
        return startWorker(Map.of());
    }

    ServiceProcess startWorker(Map<String, String> settings) {
        return startWorker(ServiceProcess.Build.current(), settings);
    }

    ServiceProcess startWorker(ServiceProcess.Build build, Map<String, String> settings) {
        var all = new HashMap<>(Map.of(
                "AEROFN_WORKER_MEMORY_BUDGET", "256MiB",
                "AEROFN_WORKER_FETCH_PRIVATE_NETWORKS", "127.0.0.0/8"));
        all.putAll(settings);
        return launch("worker", build, WORKER, FreePort.find(), all).awaitReady();
    }

    ServiceProcess startScheduler() {
        return launch("scheduler", ServiceProcess.Build.current(), SCHEDULER, FreePort.find(), Map.of()).awaitReady();
    }

    /** The one worker that runs: what other tests have left, or a new one. */
    ServiceProcess onlyWorker() throws InterruptedException {
        var running = running("worker");
        for (var worker : running.subList(Math.min(1, running.size()), running.size())) {
            worker.stop();
        }
        return running.isEmpty() ? startWorker() : running.getFirst();
    }

    /** Ends all services of a kind in peace. */
    void stopAll(String service) throws InterruptedException {
        var running = running(service);
        running.forEach(ServiceProcess::terminate);
        for (var process : running) {
            process.stop();
        }
    }

    private List<ServiceProcess> running(String service) {
        return services.stream().filter(process -> process.isAlive() && process.name().equals(service)).toList();
    }

    private ServiceProcess launch(String service, ServiceProcess.Build build, String main, int port, Map<String, String> settings) {
        var prefix = "AEROFN_" + service.toUpperCase(Locale.ROOT) + "_";
        var environment = new HashMap<>(Map.of(
                "AEROFN_KAFKA_BOOTSTRAP", kafka.bootstrap(),
                "AEROFN_KAFKA_REQUEST_PARTITIONS", "12",
                "AEROFN_KAFKA_REPLY_PARTITIONS", "2",
                "AEROFN_KAFKA_OUTCOME_PARTITIONS", "2",
                "AEROFN_RECORD_KEYS", RECORD_KEY_ID + ":" + RECORD_KEY,
                "AEROFN_DATABASE_URL", database.jdbcUrl(),
                "AEROFN_DATABASE_USER", database.user(),
                "AEROFN_DATABASE_PASSWORD", database.password(),
                prefix + "HOST", "127.0.0.1",
                prefix + "PORT", String.valueOf(port)));
        environment.putAll(settings);
        var log = logs.resolve("%s-%d.log".formatted(service, ++started));
        var process = ServiceProcess.start(service, build, main, environment, port, log);
        services.add(process);
        return process;
    }

    /** As the owner of the database; the rows' first columns. */
    List<String> query(String sql, Object... parameters) {
        try (var connection = database.connect(); var statement = connection.prepareStatement(sql)) {
            for (var i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            var values = new ArrayList<String>();
            var rows = statement.executeQuery();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** How the logs of all services end that were started, the last ones first. */
    String tails() {
        return services.reversed().stream().limit(4).map(ServiceProcess::tail).collect(Collectors.joining("\n\n"));
    }

    @Override
    public void close() throws InterruptedException {
        try {
            for (var process : services) {
                process.terminate();
            }
            for (var process : services) {
                if (!process.awaitEnd(Duration.ofSeconds(10))) {
                    process.kill();
                }
            }
        } finally {
            kafka.close();
            postgres.close();
        }
    }
}
