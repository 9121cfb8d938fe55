package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.HttpCall;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.kafka.RecordKeys;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.telemetry.TraceContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** Requests to test with, accepted 40 ms before {@link #NOW}. */
final class Requests {

    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    static final Instant ACCEPTED = NOW.minusMillis(40);
    static final UUID FUNCTION = new UUID(1, 2);
    static final RequestCodec CODEC = new RequestCodec(RecordKeys.read(
            Settings.of("worker", Map.of("AEROFN_RECORD_KEYS", "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="))), "/test");

    private Requests() {}

    static InvocationRequest request(ModuleHash module, Duration untilDeadline) {
        return request(module, untilDeadline, new ReplyAddress("functions.replies", 3));
    }

    static InvocationRequest request(ModuleHash module, Duration untilDeadline, @Nullable ReplyAddress replyTo) {
        return new InvocationRequest(InvocationId.at(ACCEPTED), TriggerType.HTTP, new VersionRef(FUNCTION, new FunctionName("hello"), 7, module), 2,
                ACCEPTED, NOW.plus(untilDeadline), new Identity(Role.AUTHENTICATED, "user-1", "{\"sub\":\"user-1\"}"), replyTo, null, null,
                "payload".getBytes(StandardCharsets.UTF_8));
    }

    static InvocationRequest request(Identity identity, @Nullable String traceparent, @Nullable HttpCall http) {
        return new InvocationRequest(InvocationId.at(ACCEPTED), TriggerType.HTTP,
                new VersionRef(FUNCTION, new FunctionName("hello"), 7, ModuleHash.of(new byte[] {1})), 2, ACCEPTED, NOW.plusSeconds(10), identity,
                null, traceparent == null ? null : new TraceContext(traceparent, null), http, new byte[0]);
    }

    /** As it stands on partition 5 at offset 99. */
    static ConsumerRecord<byte[], byte[]> onTheLog(InvocationRequest request) {
        return consumed(CODEC.encode("functions.invoke", null, request));
    }

    static ConsumerRecord<byte[], byte[]> onTheEventsLane(InvocationRequest request) {
        return consumed(CODEC.encode("functions.events", null, request));
    }

    static ConsumerRecord<byte[], byte[]> consumed(ProducerRecord<byte[], byte[]> record) {
        return new ConsumerRecord<>(record.topic(), 5, 99, 0, TimestampType.CREATE_TIME, 0, 0, record.key(), record.value(), record.headers(),
                Optional.empty());
    }
}
