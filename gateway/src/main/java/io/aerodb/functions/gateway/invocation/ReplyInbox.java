package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.ReplyCodec;
import io.aerodb.functions.kafka.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the partition of the replies topic that is this gateway's, and hands each reply to the call that waits for it. */
final class ReplyInbox implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplyInbox.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(500);

    private final Kafka kafka;
    private final ReplyAddress address;
    private final PendingReplies pending;
    private final Thread thread = Thread.ofPlatform().name("reply-inbox").unstarted(this::readUntilClosed);
    private final CountDownLatch positioned = new CountDownLatch(1);
    private volatile boolean closed;

    ReplyInbox(Kafka kafka, ReplyAddress address, PendingReplies pending) {
        this.kafka = kafka;
        this.address = address;
        this.pending = pending;
    }

    /** Returns once every reply to a later request will be seen. */
    void start() throws InterruptedException {
        thread.start();
        positioned.await();
    }

    private void readUntilClosed() {
        while (!closed) {
            try (var consumer = kafka.tailingConsumer()) {
                read(consumer);
            } catch (KafkaException e) {
                LOG.atWarn().addKeyValue("partition", address.partition()).setCause(e).log("cannot read replies, will try again");
                pause();
            }
        }
    }

    private void read(Consumer<byte[], byte[]> consumer) {
        var partition = new TopicPartition(address.topic(), address.partition());
        consumer.assign(List.of(partition));
        consumer.seekToEnd(List.of(partition));
        consumer.position(partition);
        positioned.countDown();
        while (!closed) {
            consumer.poll(POLL).forEach(this::handle);
        }
    }

    private void handle(ConsumerRecord<byte[], byte[]> record) {
        if (ReplyCodec.id(record).filter(pending::isAwaited).isEmpty()) {
            return; // of another gateway, or too late
        }
        try {
            pending.complete(ReplyCodec.decode(record));
        } catch (UnreadableRecordException e) {
            LOG.atWarn().addKeyValue("partition", record.partition()).addKeyValue("offset", record.offset())
                    .log("an unreadable reply: {}", e.getMessage());
        }
    }

    private void pause() {
        try {
            Thread.sleep(RETRY_PAUSE);
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join(Duration.ofSeconds(5));
    }
}
