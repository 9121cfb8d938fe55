package io.aerodb.functions.worker.invocation;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** Records as a lane sees them: with what steers their way, and nothing that could be run. */
final class Records {

    static final String TOPIC = "lane";
    static final TopicPartition FIRST = new TopicPartition(TOPIC, 0);
    static final TopicPartition SECOND = new TopicPartition(TOPIC, 1);
    static final Instant DEADLINE = Requests.NOW.plus(Duration.ofMinutes(1));

    private Records() {}

    /** On the first partition, of function {@code f}, without a key. */
    static ConsumerRecord<byte[], byte[]> at(long offset) {
        return record(FIRST, offset, null, "f", DEADLINE, 0);
    }

    static ConsumerRecord<byte[], byte[]> keyed(long offset, String key) {
        return record(FIRST, offset, key, "f", DEADLINE, 0);
    }

    static ConsumerRecord<byte[], byte[]> of(TopicPartition partition, long offset) {
        return record(partition, offset, null, "f", DEADLINE, 0);
    }

    static ConsumerRecord<byte[], byte[]> record(TopicPartition partition, long offset, @Nullable String key, String function, Instant deadline,
            int bytes) {
        var headers = new RecordHeaders()
                .add("ce_function", function.getBytes(StandardCharsets.UTF_8))
                .add("ce_deadline", String.valueOf(deadline.toEpochMilli()).getBytes(StandardCharsets.UTF_8));
        return new ConsumerRecord<>(partition.topic(), partition.partition(), offset, 0, TimestampType.CREATE_TIME, 0, 0,
                key == null ? null : key.getBytes(StandardCharsets.UTF_8), new byte[bytes], headers, Optional.empty());
    }

    static LaneRecord lane(long offset, String function) {
        return LaneRecord.of(record(FIRST, offset, null, function, DEADLINE, 0));
    }
}
