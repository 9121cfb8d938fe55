package io.aerodb.functions.scheduler.batch;

import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** The records that one batch sends. For one thread. */
public final class Sends {

    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Producer<byte[], byte[]> producer;
    private final List<Sent> sent = new ArrayList<>();
    private @Nullable UnavailableException failure;

    private record Sent(UUID invocation, Future<?> acknowledged) {}

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

    /** Waits for all that was sent. @return the invocations whose records Kafka has */
    public List<UUID> awaitTaken() {
        var end = System.nanoTime() + PATIENCE.toNanos();
        return sent.stream().filter(each -> isTaken(each, end)).map(Sent::invocation).toList();
    }

    /** Why not everything was taken; empty if it was. To be asked when all have been waited for. */
    public Optional<UnavailableException> failure() {
        return Optional.ofNullable(failure);
    }

    private boolean isTaken(Sent each, long end) {
        try {
            each.acknowledged().get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException e) {
            failed(new UnavailableException("kafka", e.getCause()));
        } catch (TimeoutException e) {
            failed(new UnavailableException("kafka", e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failed(new UnavailableException("kafka", e));
        }
        return false;
    }
}
