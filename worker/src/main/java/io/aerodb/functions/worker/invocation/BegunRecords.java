package io.aerodb.functions.worker.invocation;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** The records that run, or have run and are not done; those of partitions that are gone, too. Not thread-safe. */
final class BegunRecords {

    private final Map<Place, LaneRecord> records = new HashMap<>();
    private final Set<Place> ended = new HashSet<>();
    private long bytes;

    private record Place(TopicPartition partition, long offset) {

        static Place of(LaneRecord record) {
            return new Place(record.partition(), record.offset());
        }
    }

    /** @return false if it is there already */
    boolean add(LaneRecord record) {
        return records.putIfAbsent(Place.of(record), record) == null;
    }

    /** Notes that it does not run any more, if it is still there. */
    void ended(LaneRecord record) {
        var place = Place.of(record);
        var kept = records.get(place);
        if (kept != null && ended.add(place)) {
            bytes += kept.bytes();
        }
    }

    /** @return false if it is not there */
    boolean remove(LaneRecord record) {
        var place = Place.of(record);
        var removed = records.remove(place);
        if (removed == null) {
            return false;
        }
        if (ended.remove(place)) {
            bytes -= removed.bytes();
        }
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

    /** About what those take in memory that have run. */
    long endedBytes() {
        return bytes;
    }
}
