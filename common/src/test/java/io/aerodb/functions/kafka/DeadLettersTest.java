package io.aerodb.functions.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.DeadLetter;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.invocation.TriggerType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DeadLettersTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void keepsTheRecordAsItWas() {
        var headers = new RecordHeaders();
        headers.add("ce_type", bytes("a")).add("x", bytes("1")).add("x", bytes("2")).add("none", null);
        var letter = DeadLetters.encode(record(new byte[] {1}, new byte[] {0, (byte) 0xff}, headers), "why", 0, null);
        assertEquals("functions.dead-letters", letter.topic());
        assertNull(letter.partition());
        assertArrayEquals(new byte[] {1}, letter.key());
        assertArrayEquals(new byte[] {0, (byte) 0xff}, letter.value());
        assertEquals(List.of("ce_type", "x", "x", "none", "aerofn_reason", "aerofn_topic", "aerofn_partition", "aerofn_offset", "aerofn_attempts"),
                StreamSupport.stream(letter.headers().spliterator(), false).map(header -> header.key()).toList());
    }

    @Test
    void tellsTheReasonAndWhereItStood() {
        var letter = DeadLetters.encode(record(null, null, new RecordHeaders()), "the seal – ünïcode – does not hold", 0, null);
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
        DeadLetters.encode(record(null, null, headers), "why", 0, null);
        assertEquals(0, headers.toArray().length);
    }

    @Test
    void tellsTheLastReasonOfARecordThatComesBack() {
        var first = DeadLetters.encode(record(null, null, new RecordHeaders()), "first", 0, null);
        var second = DeadLetters.encode(record(null, null, new RecordHeaders(first.headers())), "second", 0, null);
        assertEquals("second", text(second, "aerofn_reason"));
    }

    @Test
    void tellsTheRecorderEverything() {
        var request = new InvocationRequest(InvocationId.at(NOW), TriggerType.DATABASE,
                new VersionRef(new UUID(1, 2), new FunctionName("hello"), 1, ModuleHash.of(new byte[] {1})), 5, NOW, NOW.plusSeconds(1),
                new Identity(Role.ANON, null, "{}"), null, null, null, new byte[0]);
        var letter = DeadLetters.decode(consumed(DeadLetters.encode(record(null, null, new RecordHeaders()), "it failed 5 times", 5, request)), NOW);
        assertEquals(new DeadLetter(new RecordPosition("functions.dead-letters", 0, 7), NOW.minusSeconds(1), "it failed 5 times", 5, request.id(), NOW,
                "hello", new RecordPosition("functions.invoke", 11, 9007199254740993L), null), letter);
    }

    @Test
    void believesNothingARecordSaysOfItselfWhoseSealDoesNotHold() {
        var forged = new RecordHeaders();
        forged.add("aerofn_invocation", bytes(new UUID(1, 2).toString())).add("aerofn_accepted", bytes(NOW.toString()))
                .add("aerofn_function", bytes("hello")).add("aerofn_attempts", bytes("3"));
        var letter = DeadLetters.decode(consumed(DeadLetters.encode(record(null, null, forged), "the seal does not hold", 0, null)), NOW);
        assertEquals(0, letter.attempts());
        assertNull(letter.invocation());
        assertNull(letter.acceptedAt());
        assertNull(letter.function());
    }

    @Test
    void readsWhateverStandsOnTheTopic() {
        var noise = new RecordHeaders();
        noise.add("aerofn_topic", bytes("t")).add("aerofn_partition", bytes("x")).add("aerofn_offset", null).add("aerofn_attempts", bytes("many"))
                .add("aerofn_accepted", bytes("+292278994-08-17T00:00:00Z"));
        var letter = DeadLetters.decode(new ConsumerRecord<>("functions.dead-letters", 0, 7, -1, TimestampType.CREATE_TIME, 0, 0, null, null, noise,
                Optional.empty()), NOW);
        assertEquals(new DeadLetter(new RecordPosition("functions.dead-letters", 0, 7), NOW, "no reason was given", 0, null, null, null,
                new RecordPosition("functions.dead-letters", 0, 7), null), letter);
    }

    private static ConsumerRecord<byte[], byte[]> consumed(ProducerRecord<byte[], byte[]> record) {
        return new ConsumerRecord<>(record.topic(), 0, 7, NOW.minusSeconds(1).toEpochMilli(), TimestampType.CREATE_TIME, 0, 0, record.key(), record.value(),
                record.headers(), Optional.empty());
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
