package io.aerodb.functions.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.HttpCall;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.Replay;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.telemetry.TraceContext;
import io.aerodb.functions.telemetry.Tracing;
import io.aerodb.functions.telemetry.TracingSettings;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RequestCodecTest {

    private static final String KEY_1 = "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    private static final String KEY_2 = "k2:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=";
    private static final TraceContext TRACE = new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1,other=2");
    private final RequestCodec codec = new RequestCodec(keys(KEY_1), "/test");

    @Test
    void bringsARequestBackWhole() throws UnreadableRecordException {
        var request = request(new HttpCall("PUT", "/a/b", "x=1&y=%20", List.of(
                new HttpCall.Header("accept", "text/plain"), new HttpCall.Header("accept", "text/html"), new HttpCall.Header("x-name", "Zoë \"q\""))));
        var decoded = codec.decode(consumed(codec.encode("topic", null, request)));
        assertArrayEquals(request.payload(), decoded.payload());
        assertEquals(request.id(), decoded.id());
        assertEquals(request.function(), decoded.function());
        assertEquals(request.deadline(), decoded.deadline());
        assertEquals(request.acceptedAt(), decoded.acceptedAt());
        assertEquals(request.identity(), decoded.identity());
        assertEquals(request.replyTo(), decoded.replyTo());
        assertEquals(request.trace(), decoded.trace());
        assertEquals(request.http(), decoded.http());
        assertEquals(request.trigger(), decoded.trigger());
        assertEquals(3, decoded.attempt());
    }

    @Test
    void bringsARequestBackWithoutTheOptionalParts() throws UnreadableRecordException {
        var request = new InvocationRequest(InvocationId.at(Instant.EPOCH), TriggerType.SCHEDULE, ref(), 1, Instant.EPOCH,
                Instant.ofEpochMilli(5), Identity.ANONYMOUS, null, null, null, new byte[0]);
        var decoded = codec.decode(consumed(codec.encode("topic", null, request)));
        assertNull(decoded.replyTo());
        assertNull(decoded.http());
        assertNull(decoded.trace());
        assertEquals(Identity.ANONYMOUS, decoded.identity());
        assertEquals(Lineage.NONE, decoded.lineage());
        assertFalse(decoded.claimed());
    }

    @Test
    void bringsBackWhatARequestGoesBackTo() throws UnreadableRecordException {
        var lineage = new Lineage(InvocationId.at(Instant.EPOCH), 3, InvocationId.at(Instant.EPOCH));
        var request = new InvocationRequest(InvocationId.at(Instant.EPOCH), TriggerType.DATABASE, ref(), 1, Instant.EPOCH,
                Instant.ofEpochMilli(5), Identity.SERVICE, null, true, lineage, null, null, new byte[0]);
        var decoded = codec.decode(consumed(codec.encode("topic", null, request)));
        assertEquals(lineage, decoded.lineage());
        assertTrue(decoded.claimed());
    }

    @Test
    void aReplayHasNoTraceOfItsOwnWhereNothingIsTraced() throws UnreadableRecordException {
        var replay = Replay.of(request(null), ref(), InvocationId.at(Instant.EPOCH), Instant.EPOCH, Duration.ofHours(1));
        assertEquals(TRACE, replay.trace());
        assertNull(codec.decode(consumed(codec.encode("topic", null, replay))).trace());
    }

    @Test
    void goesOnWithATraceWhereSomethingIsTracedAndBeginsAnotherForWhatComesLater() throws UnreadableRecordException {
        var settings = new TracingSettings(Optional.of(URI.create("http://nobody.invalid/v1/traces")), Map.of(), 1);
        try (var tracing = Tracing.of(settings, "test", "test-1")) {
            var traced = new RequestCodec(keys(KEY_1), "/test", tracing);
            var now = traced.decode(consumed(traced.encode("topic", null, request(null)))).trace();
            assertEquals(TRACE.traceId(), now.traceId());
            assertNotEquals(TRACE.traceparent(), now.traceparent());
            assertEquals(TRACE.tracestate(), now.tracestate());
            var again = traced.decode(consumed(traced.encodeAgain("topic", null, request(null)))).trace();
            assertNotEquals(TRACE.traceId(), again.traceId());
            var replay = Replay.of(request(null), ref(), InvocationId.at(Instant.EPOCH), Instant.EPOCH, Duration.ofHours(1));
            var replayed = traced.decode(consumed(traced.encode("topic", null, replay))).trace();
            assertNotEquals(TRACE.traceId(), replayed.traceId());
            assertTrue(again.isSampled() && replayed.isSampled());
        }
    }

    @Test
    void readsWhatSteersARecordWithoutItsSeal() {
        var request = request(null);
        var record = consumed(codec.encode("topic", null, request));
        record.headers().remove(RequestCodec.SEAL_HEADER);
        assertEquals(Optional.of(request.function().name()), RequestCodec.functionUnchecked(record));
        assertEquals(Optional.of(request.deadline()), RequestCodec.deadlineUnchecked(record));
    }

    @Test
    void readsNothingFromWhatDoesNotSteer() {
        var record = new ConsumerRecord<>("topic", 0, 0, new byte[0], new byte[0]);
        assertEquals(Optional.empty(), RequestCodec.functionUnchecked(record));
        assertEquals(Optional.empty(), RequestCodec.deadlineUnchecked(record));
        record.headers().add("ce_function", "Not A Name".getBytes(StandardCharsets.UTF_8)).add("ce_deadline", "soon".getBytes(StandardCharsets.UTF_8));
        assertEquals(Optional.empty(), RequestCodec.functionUnchecked(record));
        assertEquals(Optional.empty(), RequestCodec.deadlineUnchecked(record));
    }

    @Test
    void isACloudEventInBinaryMode() {
        var record = codec.encode("topic", null, request(null));
        assertEquals("1.0", text(record, "ce_specversion"));
        assertEquals("io.aerodb.functions.http", text(record, "ce_type"));
        assertEquals("/test", text(record, "ce_source"));
        assertTrue(text(record, "ce_time").endsWith("Z"));
        for (var header : record.headers()) {
            assertTrue(header.key().matches("ce_[a-z0-9]{1,20}|content-type|aerofn_seal"), header.key());
        }
    }

    @Test
    void refusesARecordWhoseAttributesWereChanged() {
        for (var name : List.of("ce_claims", "ce_role", "ce_function", "ce_functionversion", "ce_modulehash", "ce_deadline", "ce_id", "ce_replypartition", "ce_attempt")) {
            var record = consumed(codec.encode("topic", null, request(null)));
            var value = record.headers().lastHeader(name).value();
            record.headers().remove(name);
            var changed = value.clone();
            changed[changed.length - 1] ^= 1;
            record.headers().add(name, changed);
            assertTrue(unreadable(codec, record).contains("seal"), name);
        }
    }

    @Test
    void refusesARecordWhosePayloadWasChanged() {
        var record = codec.encode("topic", null, request(null));
        var changed = new ProducerRecord<>("topic", null, record.key(), "other".getBytes(StandardCharsets.UTF_8), record.headers());
        assertTrue(unreadable(codec, consumed(changed)).contains("seal"));
    }

    @Test
    void refusesARecordThatLostOrGainedAnAttribute() {
        var less = consumed(codec.encode("topic", null, request(null)));
        less.headers().remove("ce_user");
        assertTrue(unreadable(codec, less).contains("seal"));
        var more = consumed(codec.encode("topic", null, request(null)));
        more.headers().add("ce_extra", new byte[] {1});
        assertTrue(unreadable(codec, more).contains("seal"));
    }

    @Test
    void refusesARepeatedAttribute() {
        var record = consumed(codec.encode("topic", null, request(null)));
        record.headers().add("ce_role", "service_role".getBytes(StandardCharsets.UTF_8));
        assertTrue(unreadable(codec, record).contains("stands twice"));
    }

    @Test
    void refusesARecordWithoutASeal() {
        var record = consumed(codec.encode("topic", null, request(null)));
        record.headers().remove("aerofn_seal");
        assertTrue(unreadable(codec, record).contains("seal"));
    }

    @Test
    void refusesARecordSealedWithAnotherKey() {
        var foreign = new RequestCodec(keys(KEY_2), "/test").encode("topic", null, request(null));
        assertTrue(unreadable(codec, consumed(foreign)).contains("seal"));
    }

    @Test
    void refusesNoise() {
        var record = new ConsumerRecord<>("topic", 0, 0, new byte[0], "noise".getBytes(StandardCharsets.UTF_8));
        assertTrue(unreadable(codec, record).contains("specversion"));
    }

    @Test
    void refusesWhatBreaksIt() throws UnreadableRecordException {
        for (var headers : List.of("[[\"name\"]]", "[null]", "null")) {
            var record = consumed(codec.encode("topic", null, request(new HttpCall("GET", "/", "", List.of()))));
            record.headers().remove("ce_httpheaders").add("ce_httpheaders", headers.getBytes(StandardCharsets.UTF_8));
            var seal = new RecordSeal(keys(KEY_1)).seal(Attributes.from(record.headers()).values(), record.value());
            record.headers().remove("aerofn_seal").add("aerofn_seal", seal.getBytes(StandardCharsets.US_ASCII));
            assertTrue(unreadable(codec, record).contains("an attribute is wrong"), headers);
        }
    }

    @Test
    void opensWhatTheOldKeySealedWhileBothAreKnown() throws UnreadableRecordException {
        var sealedBefore = codec.encode("topic", null, request(null));
        var rotated = new RequestCodec(keys(KEY_2 + "," + KEY_1), "/test");
        assertEquals("hello", rotated.decode(consumed(sealedBefore)).function().name().value());
        assertTrue(text(rotated.encode("topic", null, request(null)), "aerofn_seal").startsWith("k2:"));
    }

    @Test
    void refusesKeysThatAreTooShort() {
        var settings = Settings.of("gateway", Map.of("AEROFN_RECORD_KEYS", "k1:c2hvcnQ="));
        RecordKeys.read(settings);
        assertTrue(assertThrows(ConfigurationException.class, settings::check).getMessage().contains("at least 32 bytes"));
    }

    private static RecordKeys keys(String text) {
        return RecordKeys.read(Settings.of("gateway", Map.of("AEROFN_RECORD_KEYS", text)));
    }

    private static VersionRef ref() {
        return new VersionRef(new UUID(1, 2), new FunctionName("hello"), 7, ModuleHash.of(new byte[] {1}));
    }

    private static InvocationRequest request(@Nullable HttpCall http) {
        return new InvocationRequest(InvocationId.at(Instant.EPOCH), TriggerType.HTTP, ref(), 3, Instant.ofEpochMilli(1_700_000_000_123L),
                Instant.ofEpochMilli(1_700_000_010_123L), new Identity(Role.AUTHENTICATED, "user-1", "{\"sub\":\"user-1\"}"),
                new InvocationRequest.ReplyAddress("functions.replies", 4), TRACE,
                http, "payload".getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ProducerRecord<byte[], byte[]> record, String header) {
        return new String(record.headers().lastHeader(header).value(), StandardCharsets.UTF_8);
    }

    private static ConsumerRecord<byte[], byte[]> consumed(ProducerRecord<byte[], byte[]> record) {
        var headers = new ArrayList<>(List.of(record.headers().toArray()));
        return new ConsumerRecord<>(record.topic(), 0, 0, 0, TimestampType.CREATE_TIME, 0, 0, record.key(), record.value(),
                new RecordHeaders(headers), Optional.empty());
    }

    private static String unreadable(RequestCodec codec, ConsumerRecord<byte[], byte[]> record) {
        return assertThrows(UnreadableRecordException.class, () -> codec.decode(record)).getMessage();
    }
}
