package io.aerodb.functions.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Outcome.Failure;
import io.aerodb.functions.invocation.Outcome.Rejection;
import io.aerodb.functions.invocation.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReplyCodecTest {

    private static final InvocationId ID = InvocationId.at(Instant.EPOCH);

    static Stream<Outcome> outcomes() {
        var output = new byte[] {0, 1, (byte) 0xff};
        return Stream.of(
                Stream.of(new Outcome.Succeeded(output), new Outcome.Succeeded(new byte[0]), new Outcome.TimedOut("late"),
                        new Outcome.MemoryExceeded("much"), new Outcome.Expired("over")),
                Arrays.stream(Failure.values()).map(failure -> new Outcome.Failed(failure, "what – ünïcode", output)),
                Arrays.stream(Rejection.values()).map(reason -> new Outcome.Rejected(reason, "why")))
                .flatMap(stream -> stream);
    }

    @ParameterizedTest
    @MethodSource("outcomes")
    void bringsEveryOutcomeBack(Outcome outcome) throws UnreadableRecordException {
        var reply = new Reply(ID, 12, Duration.ofNanos(1_234_000), Duration.ofNanos(56_000), outcome);
        var decoded = ReplyCodec.decode(consumed(ReplyCodec.encode(new ReplyAddress("r", 1), Instant.EPOCH, reply)));
        assertEquals(outcome.getClass(), decoded.outcome().getClass());
        assertEquals(outcome.code(), decoded.outcome().code());
        assertEquals(outcome.message(), decoded.outcome().message());
        assertArrayEquals(outcome.output(), decoded.outcome().output());
        assertEquals(reply.queue(), decoded.queue());
        assertEquals(reply.run(), decoded.run());
        assertEquals(12, decoded.version());
    }

    @Test
    void tellsTheIdFromTheKeyAlone() {
        var reply = new Reply(ID, 1, Duration.ZERO, Duration.ZERO, new Outcome.Succeeded(new byte[0]));
        assertEquals(Optional.of(ID), ReplyCodec.id(consumed(ReplyCodec.encode(new ReplyAddress("r", 1), Instant.EPOCH, reply))));
        assertEquals(Optional.empty(), ReplyCodec.id(new ConsumerRecord<>("r", 0, 0, null, new byte[0])));
        assertEquals(Optional.empty(), ReplyCodec.id(new ConsumerRecord<>("r", 0, 0, new byte[] {1}, new byte[0])));
    }

    @Test
    void goesToAnyPartitionWhereNobodyWaits() throws UnreadableRecordException {
        var record = ReplyCodec.encode(null, Instant.EPOCH, new Reply(ID, 1, Duration.ZERO, Duration.ZERO, new Outcome.Succeeded(new byte[] {1})));
        assertEquals(Topics.REPLIES, record.topic());
        assertNull(record.partition());
        assertEquals(ID, ReplyCodec.decode(consumed(record)).id());
    }

    @Test
    void isReadOnlyAsTheReplyToItsInvocation() {
        var record = consumed(ReplyCodec.encode(null, Instant.EPOCH, new Reply(ID, 1, Duration.ZERO, Duration.ZERO, new Outcome.TimedOut("late"))));
        assertEquals(Optional.of(ID), ReplyCodec.decodeOf(ID, record).map(Reply::id));
        assertEquals(Optional.empty(), ReplyCodec.decodeOf(InvocationId.at(Instant.now()), record));
        record.headers().remove("ce_code").add("ce_code", "unavailable".getBytes(StandardCharsets.US_ASCII)); // none of one that timed out
        assertEquals(Optional.empty(), ReplyCodec.decodeOf(ID, record));
    }

    @Test
    void refusesAStatusItDoesNotKnow() {
        var record = consumed(ReplyCodec.encode(new ReplyAddress("r", 1), Instant.EPOCH,
                new Reply(ID, 1, Duration.ZERO, Duration.ZERO, new Outcome.TimedOut("late"))));
        record.headers().remove("ce_status");
        record.headers().add("ce_status", "imagined".getBytes(StandardCharsets.US_ASCII));
        assertThrows(UnreadableRecordException.class, () -> ReplyCodec.decode(record));
    }

    private static ConsumerRecord<byte[], byte[]> consumed(ProducerRecord<byte[], byte[]> record) {
        return new ConsumerRecord<>(record.topic(), 0, 0, 0, TimestampType.CREATE_TIME, 0, 0, record.key(), record.value(),
                new RecordHeaders(new ArrayList<>(List.of(record.headers().toArray()))), Optional.empty());
    }
}
