package io.aerodb.functions.gateway.lane;

import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.RecordReader;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Some readers of single records, so that one read does not wait for the other. Thread-safe. */
public final class RecordReaders implements AutoCloseable {

    private final List<RecordReader> all;
    private final BlockingQueue<RecordReader> free;

    /** @param number of reads at once */
    public RecordReaders(Kafka kafka, int number) {
        all = Stream.generate(() -> new RecordReader(kafka)).limit(number).toList();
        free = new ArrayBlockingQueue<>(number, false, all);
    }

    /**
     * Blocks until it is read.
     *
     * @return empty if retention has removed it
     * @throws UnavailableException if Kafka is away
     */
    public Optional<ConsumerRecord<byte[], byte[]>> read(RecordPosition position) {
        RecordReader reader;
        try {
            reader = free.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("kafka", e);
        }
        try {
            return reader.read(position);
        } finally {
            free.add(reader);
        }
    }

    @Override
    public void close() {
        all.forEach(RecordReader::close);
    }
}
