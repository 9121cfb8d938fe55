package io.aerodb.functions.worker.invocation;

import static org.awaitility.Awaitility.await;

import io.aerodb.functions.admission.CircuitBreakers;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.invocation.Claim;
import io.aerodb.functions.invocation.ClaimRequest;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.RequestSpans;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.metrics.FunctionMetrics;
import io.aerodb.functions.secret.SecretsCipher;
import io.aerodb.functions.secret.SecretsKeys;
import io.aerodb.functions.telemetry.Tracing;
import io.aerodb.functions.worker.database.GuestDatabase;
import io.aerodb.functions.worker.environment.Environments;
import io.aerodb.functions.worker.fetch.FetchSettings;
import io.aerodb.functions.worker.fetch.HttpFetch;
import io.aerodb.functions.worker.module.FakePostgres;
import io.aerodb.functions.worker.module.ModuleCache;
import io.aerodb.functions.worker.module.TestArtefacts;
import io.aerodb.functions.worker.wasm.GuestThreads;
import io.aerodb.functions.worker.wasm.Sandbox;
import io.aerodb.functions.worker.wasm.SandboxEngine;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A runner with everything it needs in memory: the clock stands at {@link Requests#NOW}, and claims are answered as the test says. */
final class TestRunner implements AutoCloseable {

    final FakePostgres postgres = new FakePostgres();
    final FunctionRegistry registry;
    final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    final MockProducer<byte[], byte[]> producer = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    /** How often a record was taken care of. */
    final AtomicInteger durable = new AtomicInteger();
    /** What was claimed, in order. */
    final List<ClaimRequest> claimed = new CopyOnWriteArrayList<>();
    /** What was claimed and cannot be used. */
    final List<ClaimRequest> givenUp = new CopyOnWriteArrayList<>();
    /** What can be read from the log. */
    final Map<RecordPosition, ConsumerRecord<byte[], byte[]>> records = new ConcurrentHashMap<>();
    /** How every claim is answered; empty while PostgreSQL is away. */
    volatile Optional<Claim> answer = Optional.empty();
    volatile boolean kafkaAway;
    final Sandbox sandbox = new Sandbox(SandboxEngine.ENDIVE, 16 << 20, TestArtefacts.any());
    final InvocationRunner runner;

    private final HttpFetch fetch = new HttpFetch(new FetchSettings(1024, 1024, Duration.ofSeconds(1), 1, List.of(), List.of()));
    private final ModuleCache modules;
    private final Clock clock = Clock.fixed(Requests.NOW, ZoneOffset.UTC);
    private final OutcomePublisher publisher = new OutcomePublisher(producer, clock);
    private final GuestDatabase database = new GuestDatabase(Optional.empty(), metrics);
    private final ClaimBatcher claims = new ClaimBatcher(this::answer, givenUp::addAll, new ClaimMetrics(metrics));
    private final ExecutorService thread = Executors.newSingleThreadExecutor(new GuestThreads());

    TestRunner() {
        this(Tracing.off());
    }

    /** @param tracing of what becomes of records; functions are not traced */
    TestRunner(Tracing tracing) {
        var store = new FunctionStore(postgres.database);
        registry = new FunctionRegistry(postgres.database, store);
        modules = new ModuleCache(store, sandbox, 1 << 20, metrics);
        var functions = new FunctionRunner(registry, modules, new Environments(new SecretsCipher(SecretsKeys.NONE)),
                new InvocationServices(database, fetch, Tracing.off()), sandbox, Tracing.off(), clock);
        runner = new InvocationRunner(Requests.CODEC, functions, claims, new StoredResults(this::read), publisher,
                new CircuitBreakers(metrics), new FunctionMetrics(metrics, name -> registry.cached(name).isPresent()), new RequestSpans(tracing),
                clock, "worker-1");
        claims.start(_ -> true);
    }

    void deploy(UUID id, ModuleHash module, FunctionConfig config) {
        postgres.deploy(new DeployedFunction(id, new FunctionName("hello"), 8, module, 1, config, 1, Requests.NOW, Requests.NOW, List.of()));
        registry.connected();
    }

    /** @return when it is to be handed in again; empty if it is done, and all that comes of it is on the log */
    Optional<Duration> run(ConsumerRecord<byte[], byte[]> record) throws Exception {
        var before = durable.get();
        var again = thread.submit(() -> runner.run(record, durable::incrementAndGet)).get();
        if (again.isEmpty()) {
            await().until(() -> durable.get() > before);
        }
        return again;
    }

    List<String> topics() {
        return producer.history().stream().map(ProducerRecord::topic).toList();
    }

    private List<Claim> answer(List<ClaimRequest> requests) {
        claimed.addAll(requests);
        var each = answer.orElseThrow(() -> new UnavailableException("postgres", "postgres is unavailable"));
        return requests.stream().map(_ -> each).toList();
    }

    private Optional<ConsumerRecord<byte[], byte[]>> read(RecordPosition position) {
        if (kafkaAway) {
            throw new UnavailableException("kafka", "kafka is unavailable");
        }
        return Optional.ofNullable(records.get(position));
    }

    @Override
    public void close() throws InterruptedException {
        thread.shutdownNow();
        claims.close();
        publisher.close();
        database.close();
        modules.close();
        fetch.close();
        sandbox.close();
        postgres.close();
    }
}
