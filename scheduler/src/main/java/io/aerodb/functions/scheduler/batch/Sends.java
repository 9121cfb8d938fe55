package io.aerodb.functions.scheduler.batch;

import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** The records that one batch sends. For one thread. */
public final class Sends {

    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Producer<byte[], byte[]> producer;
    private final List<Sent> sent = new ArrayList<>();
    private @Nullable UnavailableException failure;

    private record Sent(UUID invocation, Future<RecordMetadata> acknowledged) {}

    /** @param producer must give up within a few seconds, as PostgreSQL's rows are held meanwhile */
    public Sends(Producer<byte[], byte[]> producer) {
        this.producer = producer;
    }

    /** Waits for nothing but room. Sends nothing any more once something has failed. */
    public void send(UUID invocation, ProducerRecord<byte[], byte[]> record) {
        if (failure != null) {
            return;
        }
        try {
            var acknowledged = producer.send(record);
            sent.add(new Sent(invocation, acknowledged));
            if (acknowledged.state() == Future.State.FAILED) {
                failed(new UnavailableException("kafka", acknowledged.exceptionNow()));
            }
        } catch (KafkaException e) {
            failed(new UnavailableException("kafka", e));
        }
    }

    /** Something else about the batch has failed: what was sent until then still counts. */
    public void failed(UnavailableException reason) {
        if (failure == null) {
            failure = reason;
        }
    }

    /** Waits for all that was sent. @return where Kafka has the records, by their invocations */
    public Map<UUID, RecordPosition> awaitTaken() {
        var end = System.nanoTime() + PATIENCE.toNanos();
        var taken = LinkedHashMap.<UUID, RecordPosition>newLinkedHashMap(sent.size());
        sent.forEach(each -> position(each, end).ifPresent(position -> taken.put(each.invocation(), position)));
        return taken;
    }

    /** Why not everything was taken; empty if it was. To be asked when all have been waited for. */
    public Optional<UnavailableException> failure() {
        return Optional.ofNullable(failure);
    }

    private Optional<RecordPosition> position(Sent each, long end) {
        try {
            var metadata = each.acknowledged().get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            return Optional.of(new RecordPosition(metadata.topic(), metadata.partition(), metadata.offset()));
        } catch (ExecutionException e) {
            failed(new UnavailableException("kafka", e.getCause()));
        } catch (TimeoutException e) {
            failed(new UnavailableException("kafka", e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failed(new UnavailableException("kafka", e));
        }
        return Optional.empty();
    }
}
