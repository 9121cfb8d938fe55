package io.aerodb.functions.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.RecordPosition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryCodecTest {

    @Test
    void bringsAnEntryBackWhole() throws UnreadableRecordException {
        var completed = new InvocationEntry(new UUID(1, 2), new UUID(3, 4), "hello", 3, "http", "failed", "function_error", "it trapped",
                "authenticated", "service_role", "user-1", 2, Instant.ofEpochMilli(1_700_000_000_123L), Instant.ofEpochMilli(1_700_000_000_124L),
                Instant.ofEpochMilli(1_700_000_000_125L), 1500, 333, 65536, List.of(new LogLine(LogLine.Level.WARN, 5, "a\nb \u0000")), true,
                new RecordPosition("functions.invoke", 3, 99), "worker-1");
        assertEquals(completed, decode(EntryCodec.encode(completed).value()));
    }

    @Test
    void bringsAnEntryBackWithoutTheOptionalParts() throws UnreadableRecordException {
        var completed = new InvocationEntry(new UUID(1, 2), new UUID(3, 4), "hello", 3, "http", "succeeded", null, null, "anon", null, null, 1,
                Instant.EPOCH, null, Instant.EPOCH, 0, 0, 0, List.of(), false, new RecordPosition("functions.invoke", 0, 0), "worker-1");
        assertEquals(completed, decode(EntryCodec.encode(completed).value()));
    }

    @Test
    void bringsBackWhatIsToBeTriedAgain() throws UnreadableRecordException {
        var entry = new InvocationEntry(new UUID(1, 2), new UUID(3, 4), "hello", 3, "database", "scheduled", null, null, "anon", null, null, 1,
                Instant.EPOCH, null, null, 0, 0, 0, List.of(), false, new RecordPosition("functions.events", 0, 0),
                new Lineage(new InvocationId(new UUID(5, 6)), 2, new InvocationId(new UUID(7, 8))), Instant.ofEpochSecond(9),
                new RecordPosition("functions.replies", 1, 2), "worker-1");
        assertEquals(entry, decode(EntryCodec.encode(entry).value()));
    }

    @Test
    void passesOverMembersOfANewerVersion() throws UnreadableRecordException {
        var json = """
                {"id":"00000000-0000-0001-0000-000000000002","functionId":"00000000-0000-0001-0000-000000000002","function":"f","version":1,
                "trigger":"http","status":"succeeded","role":"anon","attempt":1,"acceptedAt":"2026-01-01T00:00:00Z","finishedAt":"2026-01-01T00:00:00Z",
                "queueMicros":1,"runMicros":2,"memoryPeakBytes":3,"log":[],"logTruncated":false,"request":{"topic":"t","partition":0,"offset":0},
                "worker":"w","mood":"good"}""";
        var entry = decode(json.getBytes(StandardCharsets.UTF_8));
        assertEquals("f", entry.function());
        assertEquals(Lineage.NONE, entry.lineage());
    }

    @Test
    void refusesNoise() {
        assertThrows(UnreadableRecordException.class, () -> decode("noise".getBytes(StandardCharsets.UTF_8)));
        assertThrows(UnreadableRecordException.class, () -> EntryCodec.decode(new ConsumerRecord<>("t", 0, 0, null, null)));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\"status\":\"scheduled\"",
        "\"status\":\"succeeded\",\"log\":[{\"level\":\"INFO\",\"offsetMillis\":0}]",
        "\"status\":\"succeeded\",\"log\":[null]",
        "\"status\":\"succeeded\",\"result\":{\"partition\":1,\"offset\":2}",
        "\"status\":\"succeeded\",\"request\":{\"topic\":\"t\",\"partition\":-1,\"offset\":2}",
        "\"status\":\"succeeded\",\"request\":{\"topic\":\"t\",\"partition\":1,\"offset\":-2}",
        "\"status\":\"succeeded\",\"request\":{\"topic\":\" \",\"partition\":1,\"offset\":2}",
        "\"status\":\"succeeded\",\"result\":{\"topic\":\"t\",\"partition\":1,\"offset\":-2}",
        "\"status\":\"succeeded\",\"finishedAt\":\"+292278994-08-17T00:00:00Z\""})
    void refusesWhatCannotBecomeARow(String members) {
        var json = """
                {"id":"00000000-0000-0001-0000-000000000002","functionId":"00000000-0000-0001-0000-000000000002","function":"f","version":1,
                "trigger":"http","role":"anon","attempt":1,"acceptedAt":"2026-01-01T00:00:00Z","request":{"topic":"t","partition":0,"offset":0},
                "worker":"w","log":[],%s}""".formatted(members);
        assertThrows(UnreadableRecordException.class, () -> decode(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static InvocationEntry decode(byte[] value) throws UnreadableRecordException {
        return EntryCodec.decode(new ConsumerRecord<>("t", 0, 0, null, value));
    }
}
