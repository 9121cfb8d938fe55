package io.aerodb.functions.worker.invocation;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/** Lets records that share a key go on one after another; a record without a key waits for none. Not thread-safe. */
final class KeyOrder {

    private final Map<TopicPartition, Map<ByteBuffer, Deque<LaneRecord>>> lines = new HashMap<>();

    /** Whether the record may go on; otherwise {@link #leave} gives it out in its turn. */
    boolean enter(LaneRecord record) {
        var key = record.record().key();
        if (key == null) {
            return true;
        }
        var line = lines.computeIfAbsent(record.partition(), _ -> new HashMap<>()).computeIfAbsent(ByteBuffer.wrap(key), _ -> new ArrayDeque<>(2));
        line.addLast(record);
        return line.size() == 1;
    }

    /** Takes a record out, wherever in its line it stands. @return the one that may go on now */
    Optional<LaneRecord> leave(LaneRecord record) {
        var key = record.record().key();
        var keys = lines.get(record.partition());
        if (key == null || keys == null) {
            return Optional.empty();
        }
        var line = keys.get(ByteBuffer.wrap(key));
        if (line == null) {
            return Optional.empty();
        }
        if (line.getFirst().offset() != record.offset()) {
            line.removeIf(other -> other.offset() == record.offset());
            return Optional.empty();
        }
        line.removeFirst();
        if (line.isEmpty()) {
            keys.remove(ByteBuffer.wrap(key));
        }
        return Optional.ofNullable(line.peekFirst());
    }

    void forget(TopicPartition partition) {
        lines.remove(partition);
    }
}
