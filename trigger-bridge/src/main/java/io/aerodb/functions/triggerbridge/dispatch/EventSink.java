package io.aerodb.functions.triggerbridge.dispatch;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.DeadLetters;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.Topics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts requests on the events lane, and says when Kafka has them. It tries for as long as it takes: the client keeps records of one
 * partition in order over an outage, and takes no more meanwhile than its buffer holds. For one thread at a time.
 */
public final class EventSink implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EventSink.class);
    private static final Duration FOR_EVER = Duration.ofDays(20);
    private static final long BUFFER_BYTES = 32 << 20;
    private static final int UNFINISHED_LETTERS = 1000;
    private static final long LONGEST_STILL_NANOS = Duration.ofSeconds(10).toNanos();

    private final Producer<byte[], byte[]> producer;
    private final RequestCodec codec;
    private final String instance;
    private final MeterRegistry metrics;
    /** Where a dead letter stands is known only when Kafka has it; nothing else waits for that. */
    private final ExecutorService finishing = Executors.newSingleThreadExecutor(Thread.ofPlatform().name("dead-letters").daemon().factory());
    private final Semaphore unfinished = new Semaphore(UNFINISHED_LETTERS);
    private final LongSupplier nanos;
    private final AtomicInteger underWay = new AtomicInteger();
    private volatile long movedNanos;

    public EventSink(Kafka kafka, RequestCodec codec, String instance, MeterRegistry metrics) {
        this(kafka.producer(FOR_EVER, FOR_EVER, BUFFER_BYTES), codec, instance, metrics, System::nanoTime);
    }

    /** @param nanos a clock that runs evenly */
    EventSink(Producer<byte[], byte[]> producer, RequestCodec codec, String instance, MeterRegistry metrics, LongSupplier nanos) {
        this.producer = producer;
        this.codec = codec;
        this.instance = instance;
        this.metrics = metrics;
        this.nanos = nanos;
    }

    /**
     * @param key orders the requests that share it; null where any order will do
     * @param acknowledged gives what is called once Kafka has it, or never will; not asked if the request cannot be encoded
     */
    void send(byte @Nullable [] key, InvocationRequest request, Supplier<Callback> acknowledged) {
        var record = codec.encode(Topics.EVENTS, key, request);
        put(record, acknowledged.get());
    }

    /** @param acknowledged called once Kafka has it, or never will */
    void publish(ProducerRecord<byte[], byte[]> record, Callback acknowledged) {
        put(record, acknowledged);
    }

    /** Whether Kafka takes something now and then, where there is something to take. Thread-safe. */
    public boolean isMoving() {
        return underWay.get() == 0 || nanos.getAsLong() - movedNanos < LONGEST_STILL_NANOS;
    }

    private Future<RecordMetadata> put(ProducerRecord<byte[], byte[]> record, Callback acknowledged) {
        if (underWay.get() == 0) {
            movedNanos = nanos.getAsLong();
        }
        underWay.incrementAndGet();
        try {
            return producer.send(record, (metadata, error) -> ended(metadata, error, acknowledged));
        } catch (RuntimeException e) { // told like any other failure
            ended(null, e, acknowledged);
            return CompletableFuture.failedFuture(e);
        }
    }

    private void ended(@Nullable RecordMetadata metadata, @Nullable Exception error, Callback acknowledged) {
        movedNanos = nanos.getAsLong();
        underWay.decrementAndGet();
        acknowledged.onCompletion(metadata, error);
    }

    /**
     * Puts a request aside that must not be run now; it can be replayed.
     *
     * @param acknowledged gives what is called once Kafka has it, or never will; not asked if the request cannot be encoded
     */
    void putAside(InvocationRequest request, String code, String reason, Supplier<Callback> acknowledged) throws InterruptedException {
        var letter = DeadLetters.encode(codec.encode(Topics.DEAD_LETTERS, null, request), reason, request);
        LOG.atWarn().addKeyValue("invocationId", request.id()).addKeyValue("function", request.function().name())
                .log("put a change to the dead letters: {}", reason);
        Counter.builder("bridge.dead.letters").description("Requests of changes that are not to be run").tag("reason", code).register(metrics).increment();
        var told = request.withoutPayload();
        unfinished.acquire();
        var called = acknowledged.get();
        var sent = put(letter, (_, _) -> { });
        finishing.execute(() -> finish(told, code, reason, sent, called));
    }

    private void finish(InvocationRequest request, String code, String reason, Future<RecordMetadata> sent, Callback acknowledged) {
        try {
            var position = sent.get();
            var entry = entry(request, code, reason, new RecordPosition(position.topic(), position.partition(), position.offset()));
            put(EntryCodec.encode(entry), acknowledged);
        } catch (Exception e) { // whoever waits for it would wait for ever
            acknowledged.onCompletion(null, e);
        } finally {
            unfinished.release();
        }
    }

    private InvocationEntry entry(InvocationRequest request, String code, String reason, RecordPosition position) {
        var now = request.acceptedAt().truncatedTo(ChronoUnit.MICROS);
        return new InvocationEntry(request.id().value(), request.function().functionId(), request.function().name().value(), request.function().version(),
                request.trigger().label(), InvocationStatus.DEAD_LETTERED.label(), code, reason, request.identity().role().claim(), null,
                request.identity().user().orElse(null), 1, request.acceptedAt(), null, now, 0, 0, 0, List.of(), false, position, request.lineage(),
                null, null, instance);
    }

    @Override
    public void close() {
        finishing.shutdownNow();
        producer.close(Duration.ZERO);
    }
}
