package io.aerodb.functions.gateway.follow;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads of the outcome log what the gateway remembers no more, for those who come back after a while, piece by piece. Thread-safe. */
final class Backlog implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** Whoever reads slowly keeps one piece in memory. */
    private static final int MAX_PIECE_BYTES = 256 * 1024;

    private final List<Consumer<byte[], byte[]>> all;
    private final BlockingQueue<Consumer<byte[], byte[]>> free;

    /** @param entries in the order of the offsets in each partition @param reached the cursor behind what was read */
    record Piece(List<Told> entries, LogCursor reached) {}

    /** @param readers how many pieces are read at once */
    Backlog(Kafka kafka, int readers) {
        all = Stream.generate(kafka::rereadingConsumer).limit(readers).toList();
        free = new ArrayBlockingQueue<>(readers, false, all);
    }

    /**
     * Reads on from a cursor, for some seconds at most. What retention has removed is passed over.
     *
     * @param to a cursor that the log has reached; what is behind it may be read too
     * @param wanted others are left out
     * @throws UnavailableException if Kafka is away
     */
    Piece read(LogCursor from, LogCursor to, Predicate<InvocationEntry> wanted) {
        return use(consumer -> {
            var behind = partitions(from).stream().filter(partition -> from.next(partition.partition()) < to.next(partition.partition())).toList();
            var reached = from.copy();
            consumer.assign(behind);
            consumer.beginningOffsets(behind, PATIENCE).forEach((partition, begin) -> {
                reached.moveTo(partition.partition(), Math.max(from.next(partition.partition()), begin));
                consumer.seek(partition, reached.next(partition.partition()));
            });
            return new Piece(poll(consumer, reached, wanted), reached);
        });
    }

    /** The same cursor, but nowhere behind the end of the log: that was made anew if it is. */
    LogCursor withinLog(LogCursor cursor) {
        return use(consumer -> {
            var within = cursor.copy();
            consumer.endOffsets(partitions(cursor), PATIENCE).forEach((partition, end) ->
                    within.moveTo(partition.partition(), Math.min(end, cursor.next(partition.partition()))));
            return within;
        });
    }

    private static List<Told> poll(Consumer<byte[], byte[]> consumer, LogCursor reached, Predicate<InvocationEntry> wanted) {
        var end = System.nanoTime() + PATIENCE.toNanos();
        var polled = consumer.poll(POLL);
        while (polled.isEmpty() && System.nanoTime() < end) {
            polled = consumer.poll(POLL);
        }
        var entries = new ArrayList<Told>();
        var bytes = 0;
        for (var record : polled) {
            if (bytes > MAX_PIECE_BYTES) {
                break;
            }
            reached.moveTo(record.partition(), record.offset() + 1);
            var told = OutcomeTail.decode(record);
            if (told != null && wanted.test(told.entry())) {
                entries.add(told);
                bytes += record.serializedValueSize();
            }
        }
        return entries;
    }

    private static List<TopicPartition> partitions(LogCursor cursor) {
        return IntStream.range(0, cursor.partitions()).mapToObj(partition -> new TopicPartition(Topics.INVOCATIONS, partition)).toList();
    }

    private interface Use<T> {
        T of(Consumer<byte[], byte[]> consumer);
    }

    private <T> T use(Use<T> use) {
        Consumer<byte[], byte[]> consumer;
        try {
            consumer = free.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("kafka", e);
        }
        try {
            return use.of(consumer);
        } catch (KafkaException e) {
            throw new UnavailableException("kafka", e);
        } finally {
            free.add(consumer);
        }
    }

    @Override
    public void close() throws InterruptedException {
        for (var i = 0; i < all.size(); i++) {
            free.take().close(); // once nobody reads any more
        }
    }
}
