package io.aerodb.functions.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.HttpCall;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationRequest.ReplyAddress;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.telemetry.TraceContext;
import io.aerodb.functions.telemetry.Tracing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Requests as records: a CloudEvent in Kafka's binary mode, whose value is the payload byte for byte and whose attributes,
 * together with it, are sealed. Thread-safe.
 */
public final class RequestCodec {

    static final String TYPE_PREFIX = "io.aerodb.functions.";
    static final String SEAL_HEADER = "aerofn_seal";
    private static final byte[] NO_PAYLOAD = new byte[0];

    private final RecordSeal seal;
    private final String source;
    private final RequestSpans spans;

    /** Of a service that does not trace. */
    public RequestCodec(RecordKeys keys, String source) {
        this(keys, source, Tracing.off());
    }

    /** @param source the CloudEvents source of what this service requests, such as {@code /gateway} */
    public RequestCodec(RecordKeys keys, String source, Tracing tracing) {
        this.seal = new RecordSeal(keys);
        this.source = source;
        this.spans = new RequestSpans(tracing);
    }

    /** @param key orders the requests that share it; null where any order will do */
    public ProducerRecord<byte[], byte[]> encode(String topic, byte @Nullable [] key, InvocationRequest request) {
        return record(topic, key, request, spans.created(topic, request));
    }

    /** The same for a request that was on the log before: it begins a trace of its own, which goes back to the one of then. */
    public ProducerRecord<byte[], byte[]> encodeAgain(String topic, byte @Nullable [] key, InvocationRequest request) {
        return record(topic, key, request, spans.createdAgain(topic, request));
    }

    private ProducerRecord<byte[], byte[]> record(String topic, byte @Nullable [] key, InvocationRequest request, @Nullable TraceContext trace) {
        var attributes = Attributes.event(TYPE_PREFIX + request.trigger().label(), source, request.id().toString(), request.acceptedAt())
                .put("functionid", request.function().functionId().toString())
                .put("function", request.function().name().value())
                .put("functionversion", request.function().version())
                .put("modulehash", request.function().module().hex())
                .put("attempt", request.attempt())
                .put("deadline", request.deadline().toEpochMilli())
                .put("role", request.identity().role().claim())
                .put("claims", request.identity().claims());
        request.identity().user().ifPresent(user -> attributes.put("user", user));
        request.replyAddress().ifPresent(reply -> attributes.put("replytopic", reply.topic()).put("replypartition", reply.partition()));
        if (request.claimed()) {
            attributes.put("claimed", "true");
        }
        putLineage(attributes, request.lineage());
        if (trace != null) {
            attributes.put("traceparent", trace.traceparent());
            if (trace.tracestate() != null) {
                attributes.put("tracestate", trace.tracestate());
            }
        }
        if (request.http() != null) {
            putHttp(attributes, request.http());
        }
        var record = new ProducerRecord<>(topic, key, request.payload());
        attributes.writeTo(record.headers());
        record.headers().add(SEAL_HEADER, seal.seal(attributes.values(), request.payload()).getBytes(StandardCharsets.US_ASCII));
        return record;
    }

    /** @throws UnreadableRecordException if the seal does not hold, or an attribute is missing or wrong */
    public InvocationRequest decode(ConsumerRecord<byte[], byte[]> record) throws UnreadableRecordException {
        var attributes = Attributes.from(record.headers());
        var payload = record.value() == null ? NO_PAYLOAD : record.value();
        var sealHeader = record.headers().lastHeader(SEAL_HEADER);
        if (sealHeader == null || sealHeader.value() == null || !seal.verify(new String(sealHeader.value(), StandardCharsets.US_ASCII), attributes.values(), payload)) {
            throw new UnreadableRecordException("the seal is missing or does not hold");
        }
        try {
            return new InvocationRequest(
                    new InvocationId(attributes.uuid("id")),
                    trigger(attributes),
                    new VersionRef(
                            attributes.uuid("functionid"),
                            new FunctionName(attributes.text("function")),
                            attributes.integer("functionversion"),
                            new ModuleHash(attributes.text("modulehash"))),
                    attributes.integer("attempt"),
                    Instant.parse(attributes.text("time")),
                    Instant.ofEpochMilli(attributes.number("deadline")),
                    identity(attributes),
                    replyAddress(attributes),
                    attributes.optionalText("claimed").isPresent(),
                    lineage(attributes),
                    TraceContext.of(attributes.optionalText("traceparent").orElse(null), attributes.optionalText("tracestate").orElse(null)).orElse(null),
                    http(attributes),
                    payload);
        } catch (InvalidFunctionException | IllegalArgumentException | DateTimeException | IOException e) {
            throw new UnreadableRecordException("an attribute is wrong: " + e.getMessage());
        } catch (RuntimeException e) { // whatever it is, another try would end alike, and hold up the records behind this one
            throw new UnreadableRecordException("an attribute is wrong: " + e);
        }
    }

    /** What a record says its invocation is, whoever wrote it: enough to tell of it. */
    public static Optional<String> idUnchecked(ConsumerRecord<byte[], byte[]> record) {
        return Attributes.text(record.headers(), "id");
    }

    /** What a record says its function is, whoever wrote it: enough to queue it, and no reason to run anything. */
    public static Optional<FunctionName> functionUnchecked(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Attributes.text(record.headers(), "function").map(FunctionName::new);
        } catch (InvalidFunctionException e) {
            return Optional.empty();
        }
    }

    /** What a record says its deadline is, whoever wrote it: enough to queue it, and no reason to end anything. */
    public static Optional<Instant> deadlineUnchecked(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Attributes.text(record.headers(), "deadline").map(Long::valueOf).map(Instant::ofEpochMilli);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static void putLineage(Attributes attributes, Lineage lineage) {
        if (lineage.cause() != null) {
            attributes.put("cause", lineage.cause().toString());
        }
        if (lineage.depth() > 0) {
            attributes.put("depth", lineage.depth());
        }
        if (lineage.replayOf() != null) {
            attributes.put("replayof", lineage.replayOf().toString());
        }
    }

    private static Lineage lineage(Attributes attributes) throws UnreadableRecordException {
        return new Lineage(
                attributes.optionalText("cause").isPresent() ? new InvocationId(attributes.uuid("cause")) : null,
                attributes.optionalText("depth").isPresent() ? attributes.integer("depth") : 0,
                attributes.optionalText("replayof").isPresent() ? new InvocationId(attributes.uuid("replayof")) : null);
    }

    private static void putHttp(Attributes attributes, HttpCall http) {
        try {
            var headers = http.headers().stream().map(header -> List.of(header.name(), header.value())).toList();
            attributes.put("httpmethod", http.method())
                    .put("httppath", http.path())
                    .put("httpquery", http.query())
                    .put("httpheaders", Json.MAPPER.writeValueAsBytes(headers));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("lists of text can always be written", e);
        }
    }

    private static @Nullable HttpCall http(Attributes attributes) throws UnreadableRecordException, IOException {
        var headers = attributes.bytes("httpheaders");
        if (headers.isEmpty()) {
            return null;
        }
        var pairs = Arrays.stream(Json.MAPPER.readValue(headers.get(), String[][].class))
                .map(pair -> new HttpCall.Header(pair[0], pair[1]))
                .toList();
        return new HttpCall(attributes.text("httpmethod"), attributes.text("httppath"), attributes.text("httpquery"), pairs);
    }

    private static TriggerType trigger(Attributes attributes) throws UnreadableRecordException {
        var type = attributes.text("type");
        return (type.startsWith(TYPE_PREFIX) ? TriggerType.fromLabel(type.substring(TYPE_PREFIX.length())) : Optional.<TriggerType>empty())
                .orElseThrow(() -> new UnreadableRecordException("unknown event type"));
    }

    private static Identity identity(Attributes attributes) throws UnreadableRecordException {
        var role = Role.fromClaim(attributes.text("role")).orElseThrow(() -> new UnreadableRecordException("unknown role"));
        return new Identity(role, attributes.optionalText("user").orElse(null), attributes.text("claims"));
    }

    private static @Nullable ReplyAddress replyAddress(Attributes attributes) throws UnreadableRecordException {
        var topic = attributes.optionalText("replytopic");
        return topic.isEmpty() ? null : new ReplyAddress(topic.get(), attributes.integer("replypartition"));
    }
}
