package io.aerodb.functions.scheduler;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.RecordReader;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.TopicProvisioning;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.kafka.UnreadableRecordException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.scheduler.batch.Loop;
import io.aerodb.functions.scheduler.batch.StoredRequests;
import io.aerodb.functions.scheduler.due.DueDrain;
import io.aerodb.functions.scheduler.replay.ReplayRunner;
import io.aerodb.functions.testkit.TestDatabase;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A broker and a database with requests, due invocations and rows on them. */
final class Stage implements AutoCloseable {

    private static final int PARTITIONS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String RECORD_KEYS = "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    static final VersionRef GONE_FUNCTION =
            new VersionRef(new UUID(1, 2), new FunctionName("hello"), 7, ModuleHash.of(new byte[] {1}));

    final Kafka kafka;
    final Database database;
    final RequestCodec codec = codec();
    final TestDatabase target;
    /** As schedulers have it, but it loses no patience on a busy machine. */
    final Producer<byte[], byte[]> producer;
    private final List<RecordReader> readers = new ArrayList<>();
    private final Map<TopicPartition, Long> begins = new HashMap<>();

    /** A request that is on the log. */
    record Stored(InvocationRequest request, RecordPosition position) {

        UUID id() {
            return request.id().value();
        }
    }

    /** What others left on the broker's topics is not looked at. */
    Stage(TestKafka broker, TestPostgres postgres) throws InterruptedException {
        kafka = new Kafka(broker.bootstrap(), "test");
        producer = kafka.spreadingProducer(Duration.ofMinutes(1), Duration.ofMinutes(1), 32 << 20);
        TopicProvisioning.ensure(kafka, new Topics(PARTITIONS, PARTITIONS, 1, 1, Duration.ofDays(1), Duration.ofDays(1), 1, 1));
        try (var consumer = kafka.tailingConsumer()) {
            List.of(Topics.INVOKE, Topics.EVENTS, Topics.INVOCATIONS).forEach(topic -> begins.putAll(consumer.endOffsets(partitions(consumer, topic))));
        }
        target = postgres.newDatabase();
        database = new Database(
                new DatabaseSettings(target.jdbcUrl(), target.user(), new Secret(target.password()), 12), "test", new SimpleMeterRegistry());
        database.migrate();
    }

    static RequestCodec codec() {
        return new RequestCodec(RecordKeys.read(Settings.of("scheduler", Map.of("AEROFN_RECORD_KEYS", RECORD_KEYS))), "/test");
    }

    Scheduler start(Map<String, String> settings) throws Exception {
        var all = new HashMap<>(Map.of(
                "AEROFN_SCHEDULER_HOST", "127.0.0.1",
                "AEROFN_SCHEDULER_PORT", "0",
                "AEROFN_KAFKA_BOOTSTRAP", kafka.bootstrap(),
                "AEROFN_RECORD_KEYS", RECORD_KEYS,
                "AEROFN_DATABASE_URL", target.jdbcUrl(),
                "AEROFN_DATABASE_USER", target.user(),
                "AEROFN_DATABASE_PASSWORD", target.password()));
        all.putAll(settings);
        return Scheduler.start(SchedulerSettings.read(Settings.of("scheduler", all)));
    }

    /** What it answers on its port of health and metrics. */
    static String get(Scheduler scheduler, String path) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + scheduler.port() + path)).build(), BodyHandlers.ofString()).body();
        }
    }

    DueDrain drain(int batch) {
        return drain(batch, producer);
    }

    DueDrain drain(int batch, Producer<byte[], byte[]> sender) {
        return new DueDrain("scheduler-test", database, requests(), codec, sender, () -> true, batch, new SimpleMeterRegistry(), Clock.systemUTC());
    }

    ReplayRunner replays() {
        return replays(producer);
    }

    ReplayRunner replays(Producer<byte[], byte[]> sender) {
        return new ReplayRunner("scheduler-test", database, requests(), codec, sender, () -> true, new SimpleMeterRegistry(), Clock.systemUTC());
    }

    /** Takes a step, again while Kafka or PostgreSQL does not answer in time, as it happens on a busy machine. */
    static Duration take(Loop.Step step) {
        var end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return step.take();
            } catch (UnavailableException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
            }
        }
    }

    private StoredRequests requests() {
        var reader = new RecordReader(kafka);
        readers.add(reader);
        return new StoredRequests(reader, codec);
    }

    VersionRef deployed(String name, byte module, FunctionConfig config) {
        var bytes = new byte[] {module};
        return new FunctionStore(database).deploy(new FunctionName(name), bytes, ModuleHash.of(bytes), null, config).function().ref();
    }

    static InvocationRequest request(VersionRef function, Instant acceptedAt) {
        var accepted = acceptedAt.truncatedTo(ChronoUnit.MICROS);
        return new InvocationRequest(InvocationId.at(accepted), TriggerType.HTTP, function, 1, accepted,
                accepted.plusSeconds(10).truncatedTo(ChronoUnit.MILLIS), new Identity(Role.AUTHENTICATED, "user-1", "{\"sub\":\"user-1\"}"),
                new ReplyAddress(Topics.REPLIES, 0), null, null, "payload".getBytes(StandardCharsets.UTF_8));
    }

    Stored stored(String topic, byte @Nullable [] key, InvocationRequest request) throws ExecutionException, InterruptedException {
        return new Stored(request, send(codec.encode(topic, key, request)));
    }

    /** Accepted now, on the interactive lane. */
    Stored stored(VersionRef function) throws ExecutionException, InterruptedException {
        return stored(Topics.INVOKE, null, request(function, Instant.now()));
    }

    RecordPosition send(ProducerRecord<byte[], byte[]> record) throws ExecutionException, InterruptedException {
        var metadata = producer.send(record).get();
        return new RecordPosition(metadata.topic(), metadata.partition(), metadata.offset());
    }

    /** Its attempt is due in so many milliseconds from now; negative for some time ago. */
    void due(Stored stored, int attempt, long inMillis) {
        row(stored, "scheduled");
        dueAt(stored.id(), stored, attempt, inMillis);
    }

    void dueAt(UUID id, Stored stored, int attempt, long inMillis) {
        execute("""
                INSERT INTO aerodb.due_invocations VALUES ('%s', %d, clock_timestamp() + %d * interval '1 millisecond', '%s', '%s', '%s', '%s', %d, %d)"""
                .formatted(id, attempt, inMillis, stored.request().acceptedAt(), stored.request().function().functionId(),
                        stored.request().function().name().value(), stored.position().topic(), stored.position().partition(), stored.position().offset()));
    }

    /** Its row in {@code function_invocations}. */
    void row(Stored stored, String status) {
        execute("""
                INSERT INTO aerodb.function_invocations (id, accepted_at, function_id, function, version, trigger, status, role, user_id, attempt,
                    finished_at, queue_ms, duration_ms, memory_peak, log, log_truncated, request_topic, request_partition, request_offset, worker)
                VALUES ('%s', '%s', '%s', '%s', %d, 'http', '%s', 'authenticated', 'user-1', 1, now(), 0, 0, 0, '[]', false, '%s', %d, %d, 'worker-test')"""
                .formatted(stored.id(), stored.request().acceptedAt(), stored.request().function().functionId(),
                        stored.request().function().name().value(), stored.request().function().version(), status, stored.position().topic(),
                        stored.position().partition(), stored.position().offset()));
    }

    void execute(String sql) {
        database.run(connection -> {
            try (var statement = connection.createStatement()) {
                return statement.execute(sql);
            }
        });
    }

    int count(String from) {
        return database.run(connection -> {
            try (var statement = connection.createStatement(); var rows = statement.executeQuery("SELECT count(*) FROM " + from)) {
                rows.next();
                return rows.getInt(1);
            }
        });
    }

    String text(String query) {
        return database.run(connection -> {
            try (var statement = connection.createStatement(); var rows = statement.executeQuery(query)) {
                return rows.next() ? String.valueOf(rows.getString(1)) : "(no row)";
            } catch (SQLException e) {
                throw new IllegalStateException(query, e);
            }
        });
    }

    /** As retention does when their time has passed. */
    void deleteRecords(String topic) {
        var all = new HashMap<TopicPartition, RecordsToDelete>();
        for (var partition = 0; partition < PARTITIONS; partition++) {
            all.put(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(-1));
        }
        try (var admin = kafka.admin()) {
            Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(() -> admin.deleteRecords(all).all().get() == null);
        }
    }

    /** What is on the events lane. */
    List<InvocationRequest> events() throws Exception {
        var requests = new ArrayList<InvocationRequest>();
        for (var record : records(Topics.EVENTS)) {
            requests.add(decoded(record));
        }
        return requests;
    }

    InvocationRequest decoded(ConsumerRecord<byte[], byte[]> record) {
        try {
            return codec.decode(record);
        } catch (UnreadableRecordException e) {
            throw new AssertionError(e);
        }
    }

    /** Everything on a topic, partition by partition. */
    List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        try (var consumer = kafka.tailingConsumer()) {
            var partitions = partitions(consumer, topic);
            consumer.assign(partitions);
            var firsts = consumer.beginningOffsets(partitions);
            partitions.forEach(partition -> consumer.seek(partition, Math.max(begins.get(partition), firsts.get(partition))));
            var ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    /** What is on the outcome log. */
    List<InvocationEntry> entries() {
        var entries = new ArrayList<InvocationEntry>();
        for (var record : records(Topics.INVOCATIONS)) {
            try {
                entries.add(EntryCodec.decode(record));
            } catch (UnreadableRecordException e) {
                throw new AssertionError(e);
            }
        }
        return entries;
    }

    private static List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, String topic) {
        return consumer.partitionsFor(topic).stream().map(info -> new TopicPartition(topic, info.partition())).toList();
    }

    @Override
    public void close() {
        readers.forEach(RecordReader::close);
        producer.close(Duration.ofSeconds(1));
        database.close();
    }
}
