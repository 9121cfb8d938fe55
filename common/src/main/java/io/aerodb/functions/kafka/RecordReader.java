package io.aerodb.functions.kafka;

import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads single records again, where they are known to stand on the log. Thread-safe: one read at a time. */
public final class RecordReader implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> consumer;

    public RecordReader(Kafka kafka) {
        this.consumer = kafka.readingConsumer();
    }

    /**
     * Blocks until it is read.
     *
     * @return empty if retention has removed it, or nothing was ever there
     * @throws UnavailableException if Kafka is away
     */
    public synchronized Optional<ConsumerRecord<byte[], byte[]>> read(RecordPosition position) {
        var partition = new TopicPartition(position.topic(), position.partition());
        try {
            consumer.assign(List.of(partition));
            consumer.seek(partition, position.offset());
            var end = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() < end) {
                var records = consumer.poll(POLL).records(partition);
                if (!records.isEmpty()) {
                    return Optional.of(records.getFirst()).filter(record -> record.offset() == position.offset());
                }
                if (position.offset() >= consumer.endOffsets(List.of(partition), PATIENCE).get(partition)) {
                    return Optional.empty();
                }
            }
            throw new UnavailableException("kafka", "kafka did not hand out a record in time");
        } catch (OffsetOutOfRangeException e) {
            return Optional.empty();
        } catch (KafkaException e) {
            throw new UnavailableException("kafka", e);
        }
    }

    @Override
    public synchronized void close() {
        consumer.close();
    }
}
