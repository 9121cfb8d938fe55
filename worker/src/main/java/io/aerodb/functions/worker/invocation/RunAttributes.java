package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.telemetry.TraceSpan;

/** What the span of a run tells, named as OpenTelemetry's conventions for functions have it where they do. */
final class RunAttributes {

    private RunAttributes() {}

    static void describe(TraceSpan span, InvocationRequest request, Execution execution) {
        if (!span.isRecording()) {
            return;
        }
        var outcome = execution.outcome();
        span.put("faas.name", request.function().name().value())
                .put("faas.version", String.valueOf(request.function().version()))
                .put("faas.trigger", trigger(request.trigger()))
                .put("faas.invocation_id", request.id().toString())
                .put("aerofn.attempt", request.attempt())
                .put("aerofn.status", outcome.status())
                .put("aerofn.run_micros", execution.run().toNanos() / 1000)
                .put("aerofn.memory_peak_bytes", execution.memoryPeakBytes());
        if (!outcome.code().isEmpty()) {
            span.failed(outcome.code());
        }
    }

    private static String trigger(TriggerType type) {
        return switch (type) {
            case HTTP, WEBHOOK -> "http";
            case DATABASE -> "datasource";
            case SCHEDULE -> "timer";
        };
    }
}
