package io.aerodb.functions.kafka;

import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.telemetry.TraceContext;
import io.aerodb.functions.telemetry.TraceSpan;
import io.aerodb.functions.telemetry.TraceSpan.Kind;
import io.aerodb.functions.telemetry.Tracing;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** The spans of requests on their way over the log, named as OpenTelemetry's conventions for messaging have it. Thread-safe. */
public final class RequestSpans {

    private final Tracing tracing;

    public RequestSpans(Tracing tracing) {
        this.tracing = tracing;
    }

    /** Notes that a request is made for the log. @return what its record is to carry */
    @Nullable TraceContext created(String topic, InvocationRequest request) {
        var isReplay = request.lineage().replayOf() != null;
        if (!tracing.isOn()) {
            return isReplay ? null : request.trace(); // nobody of then is there any more
        }
        return isReplay ? createdAgain(topic, request) : noted(tracing.begin("create " + topic, Kind.PRODUCER, request.trace()), topic, request);
    }

    /** The same, for a request that was on the log before. */
    @Nullable TraceContext createdAgain(String topic, InvocationRequest request) {
        return tracing.isOn() ? noted(tracing.beginLinked("create " + topic, Kind.PRODUCER, request.trace()), topic, request) : request.trace();
    }

    private static @Nullable TraceContext noted(TraceSpan span, String topic, InvocationRequest request) {
        if (span.isRecording()) {
            describe(span, "create", topic, request);
        }
        span.end();
        return span.contextOr(null);
    }

    /**
     * Notes how long a request waited on the log.
     *
     * @param turn when a worker took it, and did not put it off
     */
    public void queued(ConsumerRecord<byte[], byte[]> record, InvocationRequest request, Instant turn) {
        if (!tracing.isOn()) {
            return;
        }
        var onTheLog = Instant.ofEpochMilli(Math.max(0, record.timestamp()));
        tracing.begin("queue " + record.topic(), Kind.INTERNAL, request.trace(), onTheLog.isAfter(request.acceptedAt()) ? onTheLog : request.acceptedAt())
                .end(turn);
    }

    /**
     * Begins the span of a worker that has taken a request from the log. One that is put off is not to be ended.
     *
     * @param now when it was its turn
     */
    public TraceSpan process(ConsumerRecord<byte[], byte[]> record, InvocationRequest request, Instant now) {
        if (!tracing.isOn()) {
            return TraceSpan.none();
        }
        var span = tracing.begin("process " + record.topic(), Kind.CONSUMER, request.trace(), now);
        if (span.isRecording()) {
            describe(span, "process", record.topic(), request);
            span.put("messaging.destination.partition.id", String.valueOf(record.partition())).put("messaging.kafka.offset", record.offset());
        }
        return span;
    }

    private static void describe(TraceSpan span, String operation, String topic, InvocationRequest request) {
        span.put("messaging.system", "kafka")
                .put("messaging.operation.type", operation)
                .put("messaging.operation.name", operation)
                .put("messaging.destination.name", topic)
                .put("messaging.message.id", request.id().toString())
                .put("faas.invocation_id", request.id().toString())
                .put("faas.invoked_name", request.function().name().value())
                .put("aerofn.attempt", request.attempt());
    }
}
