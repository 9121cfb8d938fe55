package io.aerodb.functions.gateway.follow;

import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.kafka.UnreadableRecordException;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the end of the outcome log for all who follow, once, and only while there are some: neither workers nor PostgreSQL notice how
 * many they are. Thread-safe.
 */
final class OutcomeTail implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OutcomeTail.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(500);
    /** Whoever was cut off and comes back finds what is remembered. */
    private static final Duration LINGER = Duration.ofSeconds(30);
    private static final Duration START_PATIENCE = Duration.ofSeconds(5);
    private static final int MAX_ENTRIES = 20_000;
    private static final long MAX_BYTES = 32 << 20;

    private final Kafka kafka;
    private final List<TopicPartition> partitions;
    private final Set<Runnable> readers = ConcurrentHashMap.newKeySet();
    private final Thread thread = Thread.ofPlatform().name("outcome-tail").daemon().unstarted(this::readUntilClosed);
    /** Null while nobody follows. */
    private @Nullable RecentEntries recent;
    private long wantedUntil = System.nanoTime();
    private volatile boolean closed;

    /** @param partitions of the outcome log */
    OutcomeTail(Kafka kafka, int partitions) {
        this.kafka = kafka;
        this.partitions = IntStream.range(0, partitions).mapToObj(partition -> new TopicPartition(Topics.INVOCATIONS, partition)).toList();
    }

    void start() {
        thread.start();
    }

    int partitions() {
        return partitions.size();
    }

    /**
     * Blocks until everything that is told from now on will be remembered for a while.
     *
     * @param wake called whenever there is something new, on the reading thread, until the reader leaves
     * @throws UnavailableException if Kafka is away
     */
    RecentEntries join(Runnable wake) {
        readers.add(wake);
        try {
            return awaitRecent();
        } catch (UnavailableException e) {
            readers.remove(wake);
            throw e;
        }
    }

    void leave(Runnable wake) {
        readers.remove(wake);
    }

    private synchronized RecentEntries awaitRecent() {
        notifyAll();
        var end = System.nanoTime() + START_PATIENCE.toNanos();
        try {
            while (recent == null) {
                var left = Duration.ofNanos(end - System.nanoTime()).toMillis();
                if (left <= 0 || closed) {
                    throw new UnavailableException("kafka", "the outcome log cannot be read for now");
                }
                wait(left);
            }
            return recent;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("kafka", e);
        }
    }

    private synchronized boolean isWanted() {
        if (!readers.isEmpty()) {
            wantedUntil = System.nanoTime() + LINGER.toNanos();
        }
        return !closed && wantedUntil - System.nanoTime() > 0;
    }

    private synchronized void awaitReaders() throws InterruptedException {
        if (!isWanted()) {
            recent = null;
        }
        while (!closed && !isWanted()) {
            wait();
        }
    }

    private void readUntilClosed() {
        try {
            while (!closed) {
                awaitReaders();
                read();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until nobody wants it any more. Goes on where it was when Kafka comes back. */
    private void read() throws InterruptedException {
        while (isWanted()) {
            try (var consumer = kafka.tailingConsumer()) {
                consumer.assign(partitions);
                var remembering = position(consumer);
                while (isWanted()) {
                    remember(consumer, remembering);
                }
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).log("cannot read the outcome log for those who follow, will try again");
                Thread.sleep(RETRY_PAUSE);
            }
        }
    }

    private RecentEntries position(Consumer<byte[], byte[]> consumer) {
        var before = remembered();
        if (before == null) {
            consumer.seekToEnd(partitions);
        } else {
            var end = before.end().cursor();
            partitions.forEach(partition -> consumer.seek(partition, end.next(partition.partition())));
        }
        var positions = new LogCursor(partitions.stream().mapToLong(consumer::position).toArray());
        return before == null ? remember(positions) : before;
    }

    private synchronized @Nullable RecentEntries remembered() {
        return recent;
    }

    private synchronized RecentEntries remember(LogCursor start) {
        var remembering = new RecentEntries(MAX_ENTRIES, MAX_BYTES, start);
        recent = remembering;
        notifyAll();
        return remembering;
    }

    private void remember(Consumer<byte[], byte[]> consumer, RecentEntries remembering) {
        var polled = consumer.poll(POLL);
        for (var record : polled) {
            var told = decode(record);
            if (told != null) {
                remembering.add(told, record.serializedValueSize());
            }
        }
        if (!polled.isEmpty()) {
            readers.forEach(Runnable::run);
        }
    }

    /** @return null for a record that is none of ours: the recorder sees to those */
    static @Nullable Told decode(ConsumerRecord<byte[], byte[]> record) {
        try {
            return new Told(record.partition(), record.offset(), EntryCodec.decode(record));
        } catch (UnreadableRecordException e) {
            return null;
        }
    }

    @Override
    public void close() throws InterruptedException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        thread.join(Duration.ofSeconds(5));
    }
}
