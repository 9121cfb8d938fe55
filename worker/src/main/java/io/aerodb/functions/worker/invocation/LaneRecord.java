package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.kafka.RequestCodec;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A record on its way through a lane. Its function and deadline were read without a look at its seal: they steer its way, and decide
 * nothing.
 *
 * @param function empty if it cannot be read
 * @param deadline far away if it cannot be read
 * @param bytes about what it takes in memory
 */
record LaneRecord(ConsumerRecord<byte[], byte[]> record, TopicPartition partition, Optional<FunctionName> function, Instant deadline, long bytes) {

    private static final int OBJECT_BYTES = 1024;

    static LaneRecord of(ConsumerRecord<byte[], byte[]> record) {
        return new LaneRecord(record, new TopicPartition(record.topic(), record.partition()), RequestCodec.functionUnchecked(record),
                RequestCodec.deadlineUnchecked(record).orElse(Instant.MAX),
                OBJECT_BYTES + bytes(record.key(), record.value(), record.headers()));
    }

    long offset() {
        return record.offset();
    }

    boolean isExpired(Instant now) {
        return !deadline.isAfter(now);
    }

    /** What a record takes on the log, but for a few bytes. */
    static long bytes(byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
        long bytes = length(key) + length(value);
        for (var header : headers) {
            bytes += header.key().length() + length(header.value());
        }
        return bytes;
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
