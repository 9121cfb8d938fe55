package io.aerodb.functions.kafka;

import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Reads records again, where they are known to stand on the log. Thread-safe: one read at a time. */
public final class RecordReader implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** After nothing came for so long it is asked whether there is anything: rather late, for on a busy machine records take their time. */
    private static final Duration POLL = Duration.ofMillis(250);
    /** Records that are rather read and passed over than jumped over: a jump throws away what was fetched ahead. */
    private static final int GAP = 1000;

    private final Kafka kafka;
    private final Consumer<byte[], byte[]> consumer;
    /** Where the consumer goes on in its partitions: what it has fetched from there is used by the next read, which often begins there. */
    private final Map<TopicPartition, Long> next = new HashMap<>();

    public RecordReader(Kafka kafka) {
        this.kafka = kafka;
        this.consumer = kafka.readingConsumer();
    }

    /** Told what stands at a position; empty if retention has removed it, or nothing was ever there. */
    public interface Found {
        void at(RecordPosition position, Optional<ConsumerRecord<byte[], byte[]>> record);
    }

    /**
     * Blocks until it is read.
     *
     * @return empty if retention has removed it, or nothing was ever there
     * @throws UnavailableException if Kafka is away
     */
    public Optional<ConsumerRecord<byte[], byte[]>> read(RecordPosition position) {
        var told = new ArrayList<Optional<ConsumerRecord<byte[], byte[]>>>(1);
        readAll(List.of(position), (_, record) -> told.add(record));
        if (told.isEmpty()) {
            throw new UnavailableException("kafka", "no broker has the record for now");
        }
        return told.getFirst();
    }

    /**
     * Reads many, those of one partition in the order of their offsets, and tells of each as soon as it is known, so that they are
     * never all in memory. Takes about 5 s at most, with what the caller does meanwhile; positions it has not told of by then were not
     * got at in time, or nobody can hand out their records for now.
     *
     * @throws UnavailableException if Kafka is away, or could not answer for a single one; some may have been told of before
     */
    public synchronized void readAll(Collection<RecordPosition> positions, Found found) {
        if (positions.isEmpty()) {
            return;
        }
        try {
            new Batch(positions, found).read();
        } catch (KafkaException e) {
            next.clear();
            throw new UnavailableException("kafka", e);
        }
    }

    private void seek(TopicPartition partition, long offset) {
        consumer.seek(partition, offset);
        next.put(partition, offset);
    }

    @Override
    public synchronized void close() {
        consumer.close();
    }

    private final class Batch {

        private final Map<TopicPartition, NavigableSet<Long>> wanted = new HashMap<>();
        private final Found found;
        private boolean anyDone;

        Batch(Collection<RecordPosition> positions, Found found) {
            this.found = found;
            for (var position : positions) {
                if (!position.canExist()) {
                    tell(position, Optional.empty());
                    continue;
                }
                wanted.computeIfAbsent(new TopicPartition(position.topic(), position.partition()), _ -> new TreeSet<>()).add(position.offset());
            }
        }

        void read() {
            consumer.assign(wanted.keySet());
            consumer.resume(wanted.keySet()); // one that was assigned before is still paused
            next.keySet().retainAll(wanted.keySet());
            wanted.forEach((partition, offsets) -> {
                var position = next.get(partition);
                if (position == null || offsets.first() < position || offsets.first() > position + GAP) {
                    seek(partition, offsets.first());
                }
            });
            var end = System.nanoTime() + PATIENCE.toNanos();
            while (!wanted.isEmpty() && System.nanoTime() < end) {
                poll();
            }
            if (!anyDone) {
                throw new UnavailableException("kafka", "kafka did not hand out a record in time");
            }
        }

        private void poll() {
            try {
                var polled = consumer.poll(POLL);
                polled.partitions().forEach(partition -> take(partition, polled.records(partition)));
                if (polled.isEmpty()) {
                    takeOutside(List.copyOf(wanted.keySet()));
                }
            } catch (OffsetOutOfRangeException e) {
                takeOutside(e.partitions().stream().filter(wanted::containsKey).toList());
            }
        }

        private void take(TopicPartition partition, List<ConsumerRecord<byte[], byte[]>> records) {
            var offsets = wanted.get(partition);
            for (var record : records) {
                while (!offsets.isEmpty() && offsets.first() < record.offset()) {
                    tell(partition, offsets.pollFirst(), Optional.empty());
                }
                if (!offsets.isEmpty() && offsets.first() == record.offset()) {
                    tell(partition, offsets.pollFirst(), Optional.of(record));
                }
            }
            next.put(partition, records.getLast().offset() + 1);
            goOn(partition, records.getLast().offset() + GAP);
        }

        /** What lies before the beginning of its partition or behind its end is not there. */
        private void takeOutside(Collection<TopicPartition> partitions) {
            next.keySet().removeAll(partitions);
            var led = partitions.stream().filter(this::hasLeader).toList();
            var begins = consumer.beginningOffsets(led, PATIENCE);
            var ends = consumer.endOffsets(led, PATIENCE);
            for (var partition : led) {
                var offsets = wanted.get(partition);
                var first = offsets.first();
                while (!offsets.isEmpty() && offsets.first() < begins.get(partition)) {
                    tell(partition, offsets.pollFirst(), Optional.empty());
                }
                while (!offsets.isEmpty() && offsets.last() >= ends.get(partition)) {
                    tell(partition, offsets.pollLast(), Optional.empty());
                }
                goOn(partition, first); // the same one as before may be on its way already
            }
        }

        /** One that has nobody who could hand out its records is given up, as far as it exists; it must not hold up the others. */
        private boolean hasLeader(TopicPartition partition) {
            var known = consumer.partitionsFor(partition.topic(), PATIENCE).stream().filter(info -> info.partition() == partition.partition()).findFirst();
            if (known.isPresent() && known.get().leader() != null && !known.get().leader().isEmpty()) {
                return true;
            }
            var offsets = wanted.get(partition);
            if (known.isEmpty() && !exists(partition)) {
                offsets.forEach(offset -> tell(partition, offset, Optional.empty()));
            }
            offsets.clear();
            anyDone = true;
            goOn(partition, 0);
            return false;
        }

        /** @param near up to this offset there is no need to jump */
        private void goOn(TopicPartition partition, long near) {
            var offsets = wanted.get(partition);
            if (offsets.isEmpty()) {
                wanted.remove(partition);
                consumer.pause(List.of(partition));
            } else if (offsets.first() > near) {
                seek(partition, offsets.first());
            }
        }

        private void tell(TopicPartition partition, long offset, Optional<ConsumerRecord<byte[], byte[]>> record) {
            tell(new RecordPosition(partition.topic(), partition.partition(), offset), record);
        }

        private void tell(RecordPosition position, Optional<ConsumerRecord<byte[], byte[]>> record) {
            anyDone = true;
            found.at(position, record);
        }
    }

    /** Asks the broker anew: what a consumer knows of a topic may be some minutes old, and a record of ours not be told of as gone. */
    private boolean exists(TopicPartition partition) {
        try (var admin = kafka.admin()) {
            var topic = admin.describeTopics(List.of(partition.topic())).topicNameValues().get(partition.topic()).get();
            return topic.partitions().stream().anyMatch(info -> info.partition() == partition.partition());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw new UnavailableException("kafka", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("kafka", e);
        }
    }
}
