package io.aerodb.functions.worker.invocation;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** The records that run, or have run and are not done; those of partitions that are gone, too. Not thread-safe. */
final class BegunRecords {

    private final Map<Place, LaneRecord> records = new HashMap<>();
    private long bytes;

    private record Place(TopicPartition partition, long offset) {

        static Place of(LaneRecord record) {
            return new Place(record.partition(), record.offset());
        }
    }

    /** @return false if it is there already */
    boolean add(LaneRecord record) {
        if (records.putIfAbsent(Place.of(record), record) != null) {
            return false;
        }
        bytes += record.bytes();
        return true;
    }

    /** @return false if it is not there */
    boolean remove(LaneRecord record) {
        var removed = records.remove(Place.of(record));
        if (removed == null) {
            return false;
        }
        bytes -= removed.bytes();
        return true;
    }

    boolean contains(TopicPartition partition, long offset) {
        return records.containsKey(new Place(partition, offset));
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    int count() {
        return records.size();
    }

    /** About what they take in memory. */
    long bytes() {
        return bytes;
    }
}
