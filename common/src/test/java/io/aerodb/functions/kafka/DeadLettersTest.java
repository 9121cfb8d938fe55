package io.aerodb.functions.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeadLettersTest {

    @Test
    void keepsTheRecordAsItWas() {
        var headers = new RecordHeaders();
        headers.add("ce_type", bytes("a")).add("x", bytes("1")).add("x", bytes("2")).add("none", null);
        var letter = DeadLetters.encode(record(new byte[] {1}, new byte[] {0, (byte) 0xff}, headers), "why");
        assertEquals("functions.dead-letters", letter.topic());
        assertNull(letter.partition());
        assertArrayEquals(new byte[] {1}, letter.key());
        assertArrayEquals(new byte[] {0, (byte) 0xff}, letter.value());
        assertEquals(List.of("ce_type", "x", "x", "none", "aerofn_reason", "aerofn_topic", "aerofn_partition", "aerofn_offset"),
                StreamSupport.stream(letter.headers().spliterator(), false).map(header -> header.key()).toList());
    }

    @Test
    void tellsTheReasonAndWhereItStood() {
        var letter = DeadLetters.encode(record(null, null, new RecordHeaders()), "the seal – ünïcode – does not hold");
        assertNull(letter.key());
        assertNull(letter.value());
        assertEquals("the seal – ünïcode – does not hold", text(letter, "aerofn_reason"));
        assertEquals("functions.invoke", text(letter, "aerofn_topic"));
        assertEquals("11", text(letter, "aerofn_partition"));
        assertEquals("9007199254740993", text(letter, "aerofn_offset"));
    }

    @Test
    void leavesTheRecordsOwnHeadersAlone() {
        var headers = new RecordHeaders();
        DeadLetters.encode(record(null, null, headers), "why");
        assertEquals(0, headers.toArray().length);
    }

    @Test
    void tellsTheLastReasonOfARecordThatComesBack() {
        var first = DeadLetters.encode(record(null, null, new RecordHeaders()), "first");
        var second = DeadLetters.encode(record(null, null, new RecordHeaders(first.headers())), "second");
        assertEquals("second", text(second, "aerofn_reason"));
    }

    private static ConsumerRecord<byte[], byte[]> record(byte @Nullable [] key, byte @Nullable [] value, RecordHeaders headers) {
        return new ConsumerRecord<>("functions.invoke", 11, 9007199254740993L, 0, TimestampType.CREATE_TIME, 0, 0, key, value, headers, Optional.empty());
    }

    private static String text(ProducerRecord<byte[], byte[]> record, String header) {
        return new String(record.headers().lastHeader(header).value(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
