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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
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

    private final Producer<byte[], byte[]> producer;
    private final RequestCodec codec;
    private final String instance;
    private final MeterRegistry metrics;
    /** Where a dead letter stands is known only when Kafka has it; nothing else waits for that. */
    private final ExecutorService finishing = Executors.newSingleThreadExecutor(Thread.ofPlatform().name("dead-letters").daemon().factory());
    private final Semaphore unfinished = new Semaphore(UNFINISHED_LETTERS);

    public EventSink(Kafka kafka, RequestCodec codec, String instance, MeterRegistry metrics) {
        this.producer = kafka.producer(FOR_EVER, FOR_EVER, BUFFER_BYTES);
        this.codec = codec;
        this.instance = instance;
        this.metrics = metrics;
    }

    /**
     * @param key orders the requests that share it; null where any order will do
     * @param acknowledged called once Kafka has it, or never will
     */
    void send(byte @Nullable [] key, InvocationRequest request, Callback acknowledged) {
        producer.send(codec.encode(Topics.EVENTS, key, request), acknowledged);
    }

    void publish(ProducerRecord<byte[], byte[]> record, Callback acknowledged) {
        producer.send(record, acknowledged);
    }

    /** Puts a request aside that must not be run now; it can be replayed. */
    void putAside(InvocationRequest request, String code, String reason, Callback acknowledged) throws InterruptedException {
        LOG.atWarn().addKeyValue("invocationId", request.id()).addKeyValue("function", request.function().name())
                .log("put a change to the dead letters: {}", reason);
        Counter.builder("bridge.dead.letters").description("Requests of changes that are not to be run").tag("reason", code).register(metrics).increment();
        unfinished.acquire();
        var sent = producer.send(DeadLetters.encode(codec.encode(Topics.DEAD_LETTERS, null, request), reason, request));
        var told = request.withoutPayload();
        finishing.execute(() -> finish(told, code, reason, sent, acknowledged));
    }

    private void finish(InvocationRequest request, String code, String reason, Future<RecordMetadata> sent, Callback acknowledged) {
        try {
            var position = sent.get();
            var entry = entry(request, code, reason, new RecordPosition(position.topic(), position.partition(), position.offset()));
            producer.send(EntryCodec.encode(entry), acknowledged);
        } catch (ExecutionException | KafkaException | InterruptedException e) {
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
