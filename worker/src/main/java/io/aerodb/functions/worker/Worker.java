package io.aerodb.functions.worker;

import io.aerodb.functions.compiler.Artefacts;
import io.aerodb.functions.compiler.ModuleCompiler;
import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.InstanceLease;
import io.aerodb.functions.function.ArtefactStore;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.invocation.DeadLetterList;
import io.aerodb.functions.invocation.InvocationClaims;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.kafka.KafkaMonitor;
import io.aerodb.functions.kafka.RecordReader;
import io.aerodb.functions.kafka.TopicProvisioning;
import io.aerodb.functions.lifecycle.Health;
import io.aerodb.functions.lifecycle.OperationsServer;
import io.aerodb.functions.lifecycle.ShutdownSequence;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.metrics.Metrics;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.telemetry.Tracing;
import io.aerodb.functions.worker.database.DatabaseAudit;
import io.aerodb.functions.worker.database.GuestDatabase;
import io.aerodb.functions.worker.database.GuestDatabaseSettings;
import io.aerodb.functions.worker.environment.Environments;
import io.aerodb.functions.worker.fetch.HttpFetch;
import io.aerodb.functions.worker.invocation.ClaimBatcher;
import io.aerodb.functions.worker.invocation.ClaimMetrics;
import io.aerodb.functions.worker.invocation.FunctionRunner;
import io.aerodb.functions.worker.invocation.InvocationServices;
import io.aerodb.functions.worker.invocation.Lanes;
import io.aerodb.functions.worker.invocation.StoredResults;
import io.aerodb.functions.worker.module.ModuleCache;
import io.aerodb.functions.worker.recorder.Recorder;
import io.aerodb.functions.worker.recorder.Retention;
import io.aerodb.functions.worker.wasm.EndiveArtefacts;
import io.aerodb.functions.worker.wasm.CompiledForms;
import io.aerodb.functions.worker.wasm.EngineUnavailableException;
import io.aerodb.functions.worker.wasm.Sandbox;
import io.aerodb.functions.worker.wasm.SandboxEngine;
import io.micrometer.core.instrument.Gauge;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running worker. More of them share the load; one that dies loses nothing. */
public final class Worker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(250);

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
     * @throws io.aerodb.functions.lifecycle.StartRefusedException if functions could leave their caller's rights in the database
     * @throws InterruptedException if it is to be stopped meanwhile
     */
    public static Worker start(WorkerSettings settings) throws Exception {
        var parts = new ShutdownSequence();
        try {
            var name = "worker-" + UUID.randomUUID().toString().substring(0, 8);
            var clock = Clock.systemUTC();
            var metrics = parts.add("metrics", new Metrics("worker"));
            var tracing = parts.add("tracing", Tracing.of(settings.tracing(), "worker", name));

            var database = parts.add("database", new Database(settings.database(), "aerofn-worker", metrics.registry()));
            database.migrate();
            parts.add("retention", new Retention(database, settings.retention())).start();
            var store = new FunctionStore(database);
            if (settings.guestDatabase().isPresent()) {
                requireHardened(settings.guestDatabase().get());
            }
            var guestDatabase = parts.add("guest-database", new GuestDatabase(settings.guestDatabase(), metrics.registry()));

            TopicProvisioning.ensure(settings.kafka(), settings.topics());
            var kafka = parts.add("kafka-monitor", new KafkaMonitor(settings.kafka()));
            var recorder = parts.add("recorder", new Recorder(settings.kafka(), new InvocationLog(database), new DeadLetterList(database),
                    metrics.registry(), clock));
            recorder.start();

            var artefacts = new Artefacts(settings.recordKeys());
            var compiler = parts.add("compiler", new ModuleCompiler(settings.compiler(), artefacts, metrics.registry()));
            var sandbox = parts.add("sandbox", sandbox(settings, new EndiveArtefacts(new ArtefactStore(database), artefacts, compiler)));
            Gauge.builder("worker.guest.memory", sandbox, Sandbox::memoryUsedBytes).baseUnit("bytes")
                    .description("Memory of all running functions, with large outputs and answers").register(metrics.registry());
            Gauge.builder("worker.guest.memory.limit", settings::memoryBudgetBytes).baseUnit("bytes")
                    .description("Memory that all running functions may have together").register(metrics.registry());
            var modules = parts.add("modules", new ModuleCache(store, sandbox, settings.moduleCacheBytes(), metrics.registry()));
            var registry = parts.add("registry", new FunctionRegistry(database, store));
            registry.onChange(function -> modules.warm(function.module()));
            registry.start();

            var fetch = parts.add("fetch", new HttpFetch(settings.fetch()));
            var functions = new FunctionRunner(registry, modules, new Environments(new SecretsCipher(settings.secretsKeys())),
                    new InvocationServices(guestDatabase, fetch, tracing), sandbox, tracing, clock);
            var lease = parts.add("lease", InstanceLease.ofWorker(database, name));
            lease.bindTo(metrics.registry());
            lease.start();
            var invocationClaims = new InvocationClaims(database);
            var claims = parts.add("claims", new ClaimBatcher(
                    requests -> invocationClaims.claim(name, requests), unused -> invocationClaims.giveUp(name, unused),
                    new ClaimMetrics(metrics.registry())));
            var results = parts.add("results", new RecordReader(settings.kafka()));
            var lanes = parts.add("lanes", new Lanes(settings, name, functions, claims, new StoredResults(results::read), registry, lease::live,
                    metrics.registry(), tracing, clock));
            claims.start(lanes::has);
            lanes.start();
            var health = new Health()
                    .dependency("kafka", kafka::isReachable)
                    .dependency("registry", registry::hasLoaded)
                    .dependency("recorder", recorder::isAlive)
                    .optional("postgres", database::isReachable)
                    .dependency("invoke-lane", lanes.interactive()::hasJoined)
                    .dependency("events-lane", lanes.events()::hasJoined);
            health.bindTo(metrics.registry());
            var operations = parts.add("operations", new OperationsServer(settings.host(), settings.port(), health, metrics::scrape));
            LOG.atInfo().addKeyValue("worker", name).addKeyValue("port", operations.port()).log("worker has started");
            return new Worker(parts, health, operations.port());
        } catch (Exception e) {
            parts.close();
            throw e;
        }
    }

    private static Sandbox sandbox(WorkerSettings settings, CompiledForms forms) {
        if (settings.engine() == SandboxEngine.WASMTIME) {
            LOG.atWarn().addKeyValue("engine", settings.engine())
                    .log("wasmtime 7.0.1 carries known advisories: only for modules you trust");
        }
        try {
            return new Sandbox(settings.engine(), settings.memoryBudgetBytes(), forms);
        } catch (EngineUnavailableException e) {
            throw new ConfigurationException(List.of(Settings.variable(WorkerSettings.ENGINE) + ": " + e.getMessage()));
        }
    }

    /** Whether functions are safe there cannot be known while it is away, so nothing runs until it is back. */
    private static void requireHardened(GuestDatabaseSettings settings) throws InterruptedException {
        for (var attempt = 1; ; attempt++) {
            try {
                DatabaseAudit.require(settings);
                return;
            } catch (UnavailableException e) {
                if (attempt % 10 == 1) {
                    var reason = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
                    LOG.atWarn().addKeyValue("database", settings.address()).log("waiting for the functions' database: {}", reason);
                }
                Thread.sleep(RETRY_PAUSE);
            }
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
