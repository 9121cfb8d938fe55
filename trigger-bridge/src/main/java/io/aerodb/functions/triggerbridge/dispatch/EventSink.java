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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts requests on the events lane and waits until Kafka has them, for as long as it takes: the client keeps records of one partition
 * in order over an outage. For one thread at a time.
 */
public final class EventSink implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EventSink.class);
    private static final Duration FOR_EVER = Duration.ofDays(20);
    private static final long BUFFER_BYTES = 32 << 20;

    private final Producer<byte[], byte[]> producer;
    private final RequestCodec codec;
    private final String instance;
    private final MeterRegistry metrics;
    private final List<Future<RecordMetadata>> sent = new ArrayList<>();
    private final List<Letter> letters = new ArrayList<>();

    private record Letter(InvocationRequest request, String code, String reason, Future<RecordMetadata> sent) {}

    public EventSink(Kafka kafka, RequestCodec codec, String instance, MeterRegistry metrics) {
        this.producer = kafka.producer(FOR_EVER, FOR_EVER, BUFFER_BYTES);
        this.codec = codec;
        this.instance = instance;
        this.metrics = metrics;
    }

    /** @param key orders the requests that share it; null where any order will do */
    void send(byte @Nullable [] key, InvocationRequest request) {
        sent.add(producer.send(codec.encode(Topics.EVENTS, key, request)));
    }

    void publish(ProducerRecord<byte[], byte[]> record) {
        sent.add(producer.send(record));
    }

    /** Puts a request aside that must not be run now; it can be replayed. */
    void putAside(InvocationRequest request, String code, String reason) {
        LOG.atWarn().addKeyValue("invocationId", request.id()).addKeyValue("function", request.function().name())
                .log("put a change to the dead letters: {}", reason);
        Counter.builder("bridge.dead.letters").description("Requests of changes that are not to be run").tag("reason", code).register(metrics).increment();
        letters.add(new Letter(request, code, reason,
                producer.send(DeadLetters.encode(codec.encode(Topics.DEAD_LETTERS, null, request), reason, request))));
    }

    /** Returns when Kafka has all of it. @throws KafkaException if it never will */
    void await() throws InterruptedException {
        try {
            for (var letter : letters) {
                var position = letter.sent().get();
                sent.add(producer.send(EntryCodec.encode(entry(letter, new RecordPosition(position.topic(), position.partition(), position.offset())))));
            }
            for (var each : sent) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw new KafkaException("Kafka refused a record", e.getCause());
        } finally {
            sent.clear();
            letters.clear();
        }
    }

    private InvocationEntry entry(Letter letter, RecordPosition position) {
        var request = letter.request();
        var now = request.acceptedAt().truncatedTo(ChronoUnit.MICROS);
        return new InvocationEntry(request.id().value(), request.function().functionId(), request.function().name().value(), request.function().version(),
                request.trigger().label(), InvocationStatus.DEAD_LETTERED.label(), letter.code(), letter.reason(), request.identity().role().claim(), null,
                request.identity().user().orElse(null), 1, request.acceptedAt(), null, now, 0, 0, 0, List.of(), false, position, request.lineage(),
                null, null, instance);
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
