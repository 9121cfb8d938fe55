package io.aerodb.functions.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.invocation.CompletedInvocation;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.RecordPosition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class CompletionCodecTest {

    @Test
    void bringsAnEndingBackWhole() throws UnreadableRecordException {
        var completed = new CompletedInvocation(new UUID(1, 2), new UUID(3, 4), "hello", 3, "http", "failed", "function_error", "it trapped",
                "authenticated", "service_role", "user-1", 2, Instant.ofEpochMilli(1_700_000_000_123L), Instant.ofEpochMilli(1_700_000_000_124L),
                Instant.ofEpochMilli(1_700_000_000_125L), 1500, 333, 65536, List.of(new LogLine(LogLine.Level.WARN, 5, "a\nb \u0000")), true,
                new RecordPosition("functions.invoke", 3, 99), "worker-1");
        assertEquals(completed, decode(CompletionCodec.encode(completed).value()));
    }

    @Test
    void bringsAnEndingBackWithoutTheOptionalParts() throws UnreadableRecordException {
        var completed = new CompletedInvocation(new UUID(1, 2), new UUID(3, 4), "hello", 3, "http", "succeeded", null, null, "anon", null, null, 1,
                Instant.EPOCH, null, Instant.EPOCH, 0, 0, 0, List.of(), false, new RecordPosition("functions.invoke", 0, 0), "worker-1");
        assertEquals(completed, decode(CompletionCodec.encode(completed).value()));
    }

    @Test
    void passesOverMembersOfANewerVersion() throws UnreadableRecordException {
        var json = """
                {"id":"00000000-0000-0001-0000-000000000002","functionId":"00000000-0000-0001-0000-000000000002","function":"f","version":1,
                "trigger":"http","status":"succeeded","role":"anon","attempt":1,"acceptedAt":"2026-01-01T00:00:00Z","finishedAt":"2026-01-01T00:00:00Z",
                "queueMicros":1,"runMicros":2,"memoryPeakBytes":3,"log":[],"logTruncated":false,"request":{"topic":"t","partition":0,"offset":0},
                "worker":"w","mood":"good"}""";
        assertEquals("f", decode(json.getBytes(StandardCharsets.UTF_8)).function());
    }

    @Test
    void refusesNoise() {
        assertThrows(UnreadableRecordException.class, () -> decode("noise".getBytes(StandardCharsets.UTF_8)));
        assertThrows(UnreadableRecordException.class, () -> CompletionCodec.decode(new ConsumerRecord<>("t", 0, 0, null, null)));
    }

    private static CompletedInvocation decode(byte[] value) throws UnreadableRecordException {
        return CompletionCodec.decode(new ConsumerRecord<>("t", 0, 0, null, value));
    }
}
