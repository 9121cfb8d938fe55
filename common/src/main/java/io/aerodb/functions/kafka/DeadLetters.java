package io.aerodb.functions.kafka;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Records that cannot be processed, kept as they were, with the reason and where they stood in headers of their own. */
public final class DeadLetters {

    private DeadLetters() {}

    public static ProducerRecord<byte[], byte[]> encode(ConsumerRecord<byte[], byte[]> record, String reason) {
        return explained(new ProducerRecord<>(Topics.DEAD_LETTERS, null, record.key(), record.value(), record.headers()), record, reason);
    }

    /** For a record too large to be copied: it can still be read where it stood. */
    public static ProducerRecord<byte[], byte[]> encodeWithoutValue(ConsumerRecord<byte[], byte[]> record, String reason) {
        return explained(new ProducerRecord<>(Topics.DEAD_LETTERS, new byte[0]), record, reason + " (too large to copy)");
    }

    private static ProducerRecord<byte[], byte[]> explained(
            ProducerRecord<byte[], byte[]> letter, ConsumerRecord<byte[], byte[]> record, String reason) {
        letter.headers()
                .add("aerofn_reason", reason.getBytes(StandardCharsets.UTF_8))
                .add("aerofn_topic", record.topic().getBytes(StandardCharsets.UTF_8))
                .add("aerofn_partition", Integer.toString(record.partition()).getBytes(StandardCharsets.US_ASCII))
                .add("aerofn_offset", Long.toString(record.offset()).getBytes(StandardCharsets.US_ASCII));
        return letter;
    }
}
