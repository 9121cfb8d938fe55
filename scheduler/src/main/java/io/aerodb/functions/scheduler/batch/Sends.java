package io.aerodb.functions.scheduler.batch;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.EntryCodec;
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
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The records that one batch sends. For one thread. */
public final class Sends {

    private static final Logger LOG = LoggerFactory.getLogger(Sends.class);
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Producer<byte[], byte[]> producer;
    private final List<Sent> sent = new ArrayList<>();
    private final Map<UUID, String> refused = new LinkedHashMap<>();
    private @Nullable UnavailableException failure;
    private boolean isDeaf;

    private record Sent(UUID invocation, Future<RecordMetadata> acknowledged) {}

    /** @param producer must give up within a few seconds, as PostgreSQL's rows are held meanwhile */
    public Sends(Producer<byte[], byte[]> producer) {
        this.producer = producer;
    }

    /** Waits for nothing but room. Sends nothing any more once something has failed, other than for the record alone. */
    public void send(UUID invocation, ProducerRecord<byte[], byte[]> record) {
        if (failure != null) {
            return;
        }
        try {
            var acknowledged = producer.send(record);
            sent.add(new Sent(invocation, acknowledged));
            if (acknowledged.state() == Future.State.FAILED && !isRefusal(acknowledged.exceptionNow())) {
                failed(new UnavailableException("kafka", acknowledged.exceptionNow()));
            }
        } catch (KafkaException e) {
            failed(new UnavailableException("kafka", e));
        }
    }

    /**
     * Tells the outcome log, and does not wait for it: an invocation that it does not take is only seen later. Tells it nothing more
     * once it does not even have room.
     */
    public void tell(InvocationEntry entry) {
        if (isDeaf) {
            return;
        }
        try {
            isDeaf = producer.send(EntryCodec.encode(entry), (_, failure) -> {
                if (failure != null) {
                    untold(entry, failure);
                }
            }).state() == Future.State.FAILED;
        } catch (KafkaException e) {
            isDeaf = true;
            untold(entry, e);
        }
    }

    private static void untold(InvocationEntry entry, Exception failure) {
        LOG.atWarn().addKeyValue("invocationId", entry.id()).addKeyValue("status", entry.status()).setCause(failure)
                .log("the outcome log did not take an entry");
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

    /** What Kafka will never take as it is, and why, by invocations. To be asked when all have been waited for. */
    public Map<UUID, String> refused() {
        return refused;
    }

    private static boolean isRefusal(Throwable failure) {
        return failure instanceof RecordTooLargeException || failure instanceof RecordBatchTooLargeException || failure instanceof InvalidRecordException;
    }

    private Optional<RecordPosition> position(Sent each, long end) {
        try {
            var metadata = each.acknowledged().get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            return Optional.of(new RecordPosition(metadata.topic(), metadata.partition(), metadata.offset()));
        } catch (ExecutionException e) {
            if (isRefusal(e.getCause())) {
                refused.put(each.invocation(), String.valueOf(e.getCause().getMessage()));
            } else {
                failed(new UnavailableException("kafka", e.getCause()));
            }
        } catch (TimeoutException e) {
            failed(new UnavailableException("kafka", e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failed(new UnavailableException("kafka", e));
        }
        return Optional.empty();
    }
}
