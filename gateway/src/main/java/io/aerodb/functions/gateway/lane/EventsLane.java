package io.aerodb.functions.gateway.lane;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.telemetry.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts requests on the log that nobody waits for, and tells the outcome log about them. Call on event loops; futures complete there.
 * Thread-safe.
 */
public final class EventsLane implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EventsLane.class);
    private static final Duration DELIVERY_TIMEOUT = Duration.ofMillis(1500);
    private static final Duration MAX_BLOCK = Duration.ofMillis(5);
    private static final Duration CHECK_INTERVAL = Duration.ofMillis(10);
    private static final long BUFFER_BYTES = 64 << 20;

    private final Producer<byte[], byte[]> producer;
    private final RequestCodec codec;
    private final String gateway;
    private final int partitions;
    private final Vertx vertx;
    private final AtomicInteger next = new AtomicInteger();

    /**
     * @param instance names this gateway among others
     * @param partitions of the events lane
     */
    public EventsLane(Kafka kafka, RecordKeys keys, String instance, int partitions, Vertx vertx, Tracing tracing) {
        this(kafka.producer(DELIVERY_TIMEOUT, MAX_BLOCK, BUFFER_BYTES), new RequestCodec(keys, "/gateway/" + instance, tracing), instance, partitions, vertx);
    }

    EventsLane(Producer<byte[], byte[]> producer, RequestCodec codec, String instance, int partitions, Vertx vertx) {
        this.producer = producer;
        this.codec = codec;
        this.gateway = "gateway-" + instance;
        this.partitions = partitions;
        this.vertx = vertx;
    }

    /** Returns once nothing that is sent has to wait for the topics' metadata. */
    public void start() throws InterruptedException {
        for (var topic : List.of(Topics.EVENTS, Topics.DELAYED, Topics.INVOCATIONS)) {
            while (!isKnown(topic)) {
                Thread.sleep(CHECK_INTERVAL);
            }
        }
    }

    /**
     * Takes a request: it is on the log when the future completes, and its entry {@code accepted} is on the way. Without that entry,
     * should Kafka go away in between, the invocation runs all the same and is only seen later.
     *
     * @param key orders it among others of the same key; null for any order
     * @return where it stands; fails with {@link UnavailableException} if Kafka did not take it, as far as is known
     */
    public Future<RecordPosition> accept(InvocationRequest request, byte @Nullable [] key) {
        return send(spread(codec.encode(Topics.EVENTS, key, request))).onSuccess(position -> tell(InvocationEntry.accepted(request, position, gateway)));
    }

    /**
     * Takes a request that is to start later: it is on the log, and its entry {@code scheduled} too, when the future completes.
     *
     * @return where it stands; fails with {@link UnavailableException} if Kafka did not take both, as far as is known
     */
    public Future<RecordPosition> delay(InvocationRequest request, Instant startAt) {
        return send(codec.encode(Topics.DELAYED, null, request))
                .compose(position -> send(EntryCodec.encode(InvocationEntry.delayed(request, position, startAt, gateway))).map(position));
    }

    /** @param attempt that has not started. @return the end of an invocation that is called off */
    public InvocationEntry cancelled(InvocationEntry entry, int attempt, Instant at) {
        return Entries.cancelled(entry, attempt, at, gateway);
    }

    /** Tells the outcome log what became of an invocation; a log that does not take it is noted, and no more. */
    public void tell(InvocationEntry entry) {
        send(EntryCodec.encode(entry)).onFailure(failure -> LOG.atWarn().addKeyValue("invocationId", entry.id())
                .addKeyValue("status", entry.status()).setCause(failure).log("the outcome log did not take an entry"));
    }

    /** Of their own accord, producers fill one partition with 16 KiB of records without a key before they go on to the next. */
    private ProducerRecord<byte[], byte[]> spread(ProducerRecord<byte[], byte[]> record) {
        return record.key() != null ? record : new ProducerRecord<>(record.topic(), Math.floorMod(next.getAndIncrement(), partitions),
                record.key(), record.value(), record.headers());
    }

    private Future<RecordPosition> send(ProducerRecord<byte[], byte[]> record) {
        var context = vertx.getOrCreateContext();
        var promise = Promise.<RecordPosition>promise();
        try {
            producer.send(record, (metadata, failure) -> context.runOnContext(_ -> {
                if (failure == null) {
                    promise.complete(new RecordPosition(metadata.topic(), metadata.partition(), metadata.offset()));
                } else {
                    promise.fail(new UnavailableException("kafka", failure));
                }
            }));
        } catch (KafkaException | IllegalStateException e) { // the latter while the gateway is being stopped
            promise.fail(new UnavailableException("kafka", e));
        }
        return promise.future();
    }

    private boolean isKnown(String topic) {
        try {
            producer.partitionsFor(topic);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    /** Waits for what is on the way. */
    @Override
    public void close() {
        producer.close(DELIVERY_TIMEOUT);
    }
}
