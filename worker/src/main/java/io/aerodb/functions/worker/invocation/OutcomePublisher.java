package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.kafka.DeadLetters;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.ReplyCodec;
import io.aerodb.functions.kafka.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts what became of a record on the log, and calls it done only then: first the reply, then the entry, which says where the reply
 * stands. Both are sent until Kafka takes them. Thread-safe.
 */
final class OutcomePublisher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OutcomePublisher.class);
    /** A record that only just fitted its topic does not fit with the reason added, and would be refused for ever. */
    private static final int MAX_LETTER_BYTES = Topics.MAX_RECORD_BYTES - 64 * 1024;
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

    private final Producer<byte[], byte[]> producer;
    private final Clock clock;
    private final SendFailures failures = new SendFailures(LOG);
    private final Summary letters = new Summary();
    private final LongAdder underWay = new LongAdder();
    /**
     * Sends what follows a reply, and what failed. The producer's own thread must not: a send blocks while the buffer is full, and
     * that thread is the one that empties it.
     */
    private final ScheduledThreadPoolExecutor followUps =
            new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name("publisher").daemon().factory(), new ThreadPoolExecutor.DiscardPolicy());

    /** @param producer is owned by whoever made it */
    OutcomePublisher(Producer<byte[], byte[]> producer, Clock clock) {
        this.producer = producer;
        this.clock = clock;
    }

    /**
     * The reply is kept where someone waits for it, and where there is something to fetch later; an entry whose reply Kafka refuses for
     * good goes without it.
     *
     * @param durable called once the entry is on the log, on any thread
     */
    void publish(InvocationEntry entry, Reply reply, Optional<ReplyAddress> address, Runnable durable) {
        if (address.isEmpty() && !isWorthKeeping(entry, reply)) {
            publish(entry, durable);
            return;
        }
        var record = ReplyCodec.encode(address.orElse(null), clock.instant(), reply);
        deliver(record,
                taken -> follow(() -> publish(entry.withResult(new RecordPosition(taken.topic(), taken.partition(), taken.offset())), durable)),
                () -> follow(() -> publish(entry, durable)));
    }

    /** Answers who waits with what was answered before; the entry is on the log already. @param durable called at once */
    void answerAgain(Reply reply, ReplyAddress address, Runnable durable) {
        deliver(ReplyCodec.encode(address, clock.instant(), reply), _ -> { }, () -> { });
        durable.run();
    }

    /**
     * Puts a record that cannot be processed aside, with the reason.
     *
     * @param attempts how often it was tried; 0 if it could not even be read
     * @param request what the record holds; null where its seal did not hold
     * @param durable called once the dead letter is on the log, on any thread
     */
    void deadLetter(ConsumerRecord<byte[], byte[]> record, String reason, int attempts, @Nullable InvocationRequest request, Runnable durable) {
        tell(record, reason, request);
        var letter = DeadLetters.encode(record, reason, attempts, request);
        if (bytes(letter) > MAX_LETTER_BYTES) {
            letter = DeadLetters.encodeWithoutValue(record, reason, attempts, request);
        }
        deliver(letter, _ -> follow(durable), null);
    }

    /** A record that cannot be read is nowhere else to be seen; the others have rows, and may be many at once. */
    private void tell(ConsumerRecord<byte[], byte[]> record, String reason, @Nullable InvocationRequest request) {
        if (request == null) {
            LOG.atWarn().addKeyValue("topic", record.topic()).addKeyValue("partition", record.partition())
                    .addKeyValue("offset", record.offset()).log("put an unreadable record to the dead letters: {}", reason);
        } else {
            letters.count().ifPresent(count -> LOG.atWarn().addKeyValue("invocationId", request.id())
                    .addKeyValue("function", request.function().name()).log("put {} events to the dead letters, this one because: {}", count, reason));
        }
    }

    private void publish(InvocationEntry entry, Runnable durable) {
        deliver(EntryCodec.encode(entry), _ -> durable.run(), null);
    }

    /** Without it the record would never be done, so it is tried again where it breaks, for want of memory perhaps. */
    private void follow(Runnable step) {
        followUps.execute(() -> {
            try {
                step.run();
            } catch (RuntimeException | Error e) {
                LOG.atError().setCause(e).log("what follows a record on the log broke, will try again");
                followUps.schedule(() -> follow(step), RETRY_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
            }
        });
    }

    private void deliver(ProducerRecord<byte[], byte[]> record, Consumer<RecordMetadata> taken, @Nullable Runnable refused) {
        var bytes = bytes(record);
        underWay.add(bytes);
        new Delivery(record, position -> {
            underWay.add(-bytes);
            taken.accept(position);
        }, refused == null ? null : () -> {
            underWay.add(-bytes);
            refused.run();
        }).send();
    }

    private static boolean isWorthKeeping(InvocationEntry entry, Reply reply) {
        var hasAsker = entry.trigger().equals(TriggerType.HTTP.label()) || entry.trigger().equals(TriggerType.WEBHOOK.label());
        return hasAsker && entry.retryAt() == null || reply.outcome().output().length > 0;
    }

    private static long bytes(ProducerRecord<byte[], byte[]> record) {
        return LaneRecord.bytes(record.key(), record.value(), record.headers());
    }

    /** About what the records that Kafka has not taken yet have in memory. */
    long bytes() {
        return underWay.sum();
    }

    /** What is on its way when this is called is left undone, for another worker. */
    @Override
    public void close() {
        followUps.shutdownNow();
    }

    /** One record that Kafka is to take. A record that is never done holds up the offsets of all behind it, so it does not give up. */
    private final class Delivery {

        private final ProducerRecord<byte[], byte[]> record;
        private final Consumer<RecordMetadata> taken;
        /** Where Kafka will never take it; null where there is no way around it. */
        private final @Nullable Runnable refused;
        private int failed;

        Delivery(ProducerRecord<byte[], byte[]> record, Consumer<RecordMetadata> taken, @Nullable Runnable refused) {
            this.record = record;
            this.taken = taken;
            this.refused = refused;
        }

        void send() {
            try {
                producer.send(record, (position, failure) -> {
                    if (failure == null) {
                        taken.accept(position);
                    } else {
                        failed(failure);
                    }
                });
            } catch (RuntimeException | OutOfMemoryError e) {
                failed(e);
            }
        }

        private void failed(Throwable failure) {
            if (refused != null && isForGood(failure)) {
                failures.refused(record.topic(), failure);
                refused.run();
            } else {
                failed++;
                failures.willRetry(record.topic(), failure);
                followUps.schedule(this::send, SendFailures.pause(failed).toMillis(), TimeUnit.MILLISECONDS);
            }
        }
    }

    private static boolean isForGood(Throwable failure) {
        return failure instanceof RecordTooLargeException
                || failure instanceof RecordBatchTooLargeException
                || failure instanceof InvalidRecordException
                || failure instanceof PolicyViolationException
                || failure instanceof SerializationException
                || failure instanceof InvalidTopicException
                || failure instanceof AuthorizationException
                || failure instanceof IllegalArgumentException;
    }
}
