package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.DeadLetters;
import io.aerodb.functions.kafka.ReplyCodec;
import io.aerodb.functions.kafka.Topics;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts what became of a record on the log. What must not be lost is sent again until Kafka has it; only then the record counts as
 * done. A reply is sent once: who waits for it will have given up before a second try could help. Thread-safe.
 */
final class OutcomePublisher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OutcomePublisher.class);
    private static final int RETRY_MILLIS = 500;
    /** A record that only just fitted its topic does not fit with the reason added, and would be refused for ever. */
    private static final int MAX_LETTER_BYTES = Topics.MAX_RECORD_BYTES - 64 * 1024;

    private final Producer<byte[], byte[]> producer;
    private final Clock clock;
    private final ScheduledExecutorService retries =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("publish-again").daemon().factory());

    /** @param producer is owned by whoever made it */
    OutcomePublisher(Producer<byte[], byte[]> producer, Clock clock) {
        this.producer = producer;
        this.clock = clock;
    }

    /** @param durable called once the outcome is on the log, on any thread */
    void publish(InvocationEntry completed, Reply reply, Optional<ReplyAddress> address, Runnable durable) {
        address.ifPresent(to -> sendOnce(ReplyCodec.encode(to, clock.instant(), reply)));
        sendUntilTaken(EntryCodec.encode(completed), durable);
    }

    /** Answers who waits with what was answered before; the outcome is on the log already. @param durable called at once */
    void answerAgain(Reply reply, ReplyAddress address, Runnable durable) {
        sendOnce(ReplyCodec.encode(address, clock.instant(), reply));
        durable.run();
    }

    /**
     * Puts a record that cannot be processed aside, with the reason.
     *
     * @param attempts that were made
     * @param request what the record holds; null if it cannot be read
     */
    void deadLetter(ConsumerRecord<byte[], byte[]> record, String reason, int attempts, @Nullable InvocationRequest request, Runnable durable) {
        LOG.atWarn().addKeyValue("topic", record.topic()).addKeyValue("partition", record.partition())
                .addKeyValue("offset", record.offset()).addKeyValue("attempts", attempts)
                .addKeyValue("invocationId", request == null ? "unknown" : request.id()).log("put a record to the dead letters: {}", reason);
        var letter = DeadLetters.encode(record, reason);
        if (sizeOf(letter) > MAX_LETTER_BYTES) {
            letter = DeadLetters.encodeWithoutValue(record, reason);
        }
        sendUntilTaken(letter, durable);
    }

    private static long sizeOf(ProducerRecord<byte[], byte[]> record) {
        long size = record.value() == null ? 0 : record.value().length;
        for (var header : record.headers()) {
            size += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return size;
    }

    private void sendOnce(ProducerRecord<byte[], byte[]> record) {
        try {
            producer.send(record, (_, failure) -> {
                if (failure != null) {
                    LOG.atDebug().addKeyValue("topic", record.topic()).setCause(failure).log("a reply was not delivered");
                }
            });
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.atDebug().addKeyValue("topic", record.topic()).setCause(e).log("a reply was not delivered");
        }
    }

    private void sendUntilTaken(ProducerRecord<byte[], byte[]> record, Runnable durable) {
        try {
            producer.send(record, (_, failure) -> {
                if (failure == null) {
                    durable.run();
                } else {
                    sendAgain(record, durable, failure);
                }
            });
        } catch (RuntimeException | OutOfMemoryError e) {
            // a record that is never done holds up the offsets of all behind it
            sendAgain(record, durable, e);
        }
    }

    private void sendAgain(ProducerRecord<byte[], byte[]> record, Runnable durable, Throwable failure) {
        LOG.atWarn().addKeyValue("topic", record.topic()).log("Kafka did not take a record, will send it again: {}", failure.getMessage());
        if (!retries.isShutdown()) {
            retries.schedule(() -> sendUntilTaken(record, durable), RETRY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void close() {
        retries.shutdownNow();
    }
}
