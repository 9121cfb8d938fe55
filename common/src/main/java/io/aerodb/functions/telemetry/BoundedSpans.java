package io.aerodb.functions.telemetry;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;

/** Hands spans that have ended on as long as few enough wait to be sent, for what the SDK's own queue drops it tells nobody. */
final class BoundedSpans implements SpanProcessor {

    private final SpanProcessor processor;
    private final ToldExporter exporter;

    /** @param processor hands every sampled span that it gets to the exporter */
    BoundedSpans(SpanProcessor processor, ToldExporter exporter) {
        this.processor = processor;
        this.exporter = exporter;
    }

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
        return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
        if (span.getSpanContext().isSampled() && exporter.hasRoomForOne()) {
            processor.onEnd(span);
        }
    }

    @Override
    public boolean isEndRequired() {
        return true;
    }

    @Override
    public CompletableResultCode shutdown() {
        return processor.shutdown();
    }

    @Override
    public CompletableResultCode forceFlush() {
        return processor.forceFlush();
    }
}
