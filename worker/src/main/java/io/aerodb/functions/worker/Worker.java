package io.aerodb.functions.worker;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.kafka.KafkaMonitor;
import io.aerodb.functions.kafka.TopicProvisioning;
import io.aerodb.functions.lifecycle.Health;
import io.aerodb.functions.lifecycle.OperationsServer;
import io.aerodb.functions.lifecycle.ShutdownSequence;
import io.aerodb.functions.metrics.Metrics;
import io.aerodb.functions.worker.database.GuestDatabase;
import io.aerodb.functions.worker.invocation.InvokeLane;
import io.aerodb.functions.worker.module.ModuleCache;
import io.aerodb.functions.worker.recorder.Recorder;
import io.aerodb.functions.worker.recorder.Retention;
import io.aerodb.functions.worker.wasm.EngineUnavailableException;
import io.aerodb.functions.worker.wasm.Sandbox;
import io.aerodb.functions.worker.wasm.SandboxEngine;
import io.micrometer.core.instrument.Gauge;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running worker. More of them share the load; one that dies loses nothing. */
public final class Worker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final ShutdownSequence parts;
    private final Health health;
    private final int port;

    private Worker(ShutdownSequence parts, Health health, int port) {
        this.parts = parts;
        this.health = health;
        this.port = port;
    }

    /**
     * Builds every part by hand and starts it; waits for Kafka and PostgreSQL as long as it takes.
     *
     * @throws InterruptedException if it is to be stopped meanwhile
     */
    public static Worker start(WorkerSettings settings) throws Exception {
        var parts = new ShutdownSequence();
        try {
            var name = "worker-" + UUID.randomUUID().toString().substring(0, 8);
            var clock = Clock.systemUTC();
            var metrics = parts.add("metrics", new Metrics("worker"));
            var sandbox = parts.add("sandbox", sandbox(settings));

            var database = parts.add("database", new Database(settings.database(), "aerofn-worker", metrics.registry()));
            database.migrate();
            parts.add("retention", new Retention(database, settings.retention(), clock)).start();
            var store = new FunctionStore(database);
            var guestDatabase = parts.add("guest-database", new GuestDatabase(settings.guestDatabase()));

            TopicProvisioning.ensure(settings.kafka(), settings.topics());
            var kafka = parts.add("kafka-monitor", new KafkaMonitor(settings.kafka()));
            var recorder = parts.add("recorder", new Recorder(settings.kafka(), new InvocationLog(database), metrics.registry()));
            recorder.start();

            Gauge.builder("worker.guest.memory", sandbox, Sandbox::memoryUsedBytes).baseUnit("bytes")
                    .description("Linear memory of all running functions").register(metrics.registry());
            var modules = parts.add("modules", new ModuleCache(store, sandbox, settings.moduleCacheBytes(), metrics.registry()));
            var registry = parts.add("registry", new FunctionRegistry(database, store));
            registry.onChange(function -> modules.warm(function.module()));
            registry.start();

            var lane = parts.add("invoke-lane", new InvokeLane(
                    settings, name, registry, modules, sandbox, guestDatabase, metrics.registry(), clock));
            lane.start();
            var health = new Health()
                    .dependency("kafka", kafka::isReachable)
                    .dependency("registry", registry::hasLoaded)
                    .dependency("recorder", recorder::isAlive)
                    .optional("postgres", database::isReachable)
                    .dependency("invoke-lane", lane::hasJoined);
            var operations = parts.add("operations", new OperationsServer(settings.host(), settings.port(), health, metrics::scrape));
            LOG.atInfo().addKeyValue("worker", name).addKeyValue("port", operations.port()).log("worker has started");
            return new Worker(parts, health, operations.port());
        } catch (Exception e) {
            parts.close();
            throw e;
        }
    }

    private static Sandbox sandbox(WorkerSettings settings) {
        if (settings.engine() == SandboxEngine.WASMTIME) {
            LOG.atWarn().addKeyValue("engine", settings.engine())
                    .log("wasmtime 7.0.1 carries known advisories: only for modules you trust");
        }
        try {
            return new Sandbox(settings.engine(), settings.memoryBudgetBytes());
        } catch (EngineUnavailableException e) {
            throw new ConfigurationException(List.of(Settings.variable(WorkerSettings.ENGINE) + ": " + e.getMessage()));
        }
    }

    /** The port of health and metrics. */
    public int port() {
        return port;
    }

    public boolean isReady() {
        return health.report().isReady();
    }

    /** Takes no more requests, lets running functions end, and stops. */
    @Override
    public void close() {
        parts.close();
    }
}
