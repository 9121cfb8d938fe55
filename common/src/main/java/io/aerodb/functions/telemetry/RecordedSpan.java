package io.aerodb.functions.telemetry;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A span of a service that traces; whether it is kept is the sampler's decision. */
final class RecordedSpan implements TraceSpan {

    private final Span span;

    RecordedSpan(Span span) {
        this.span = span;
    }

    @Override
    public boolean isRecording() {
        return span.isRecording();
    }

    @Override
    public TraceSpan put(String attribute, String value) {
        span.setAttribute(attribute, value);
        return this;
    }

    @Override
    public TraceSpan put(String attribute, long value) {
        span.setAttribute(attribute, value);
        return this;
    }

    @Override
    public TraceSpan put(String attribute, boolean value) {
        span.setAttribute(attribute, value);
        return this;
    }

    @Override
    public TraceSpan rename(String name) {
        span.updateName(name);
        return this;
    }

    @Override
    public TraceSpan failed(String error) {
        span.setAttribute("error.type", error);
        span.setStatus(StatusCode.ERROR);
        return this;
    }

    @Override
    public TraceContext contextOr(@Nullable TraceContext outer) {
        Map<String, String> headers = new HashMap<>();
        W3CTraceContextPropagator.getInstance().inject(Context.root().with(span), headers, (all, name, value) -> Objects.requireNonNull(all).put(name, value));
        return new TraceContext(Objects.requireNonNull(headers.get("traceparent")), headers.get("tracestate"));
    }

    @Override
    public void end() {
        span.end();
    }

    @Override
    public void end(Instant at) {
        span.end(at);
    }
}
