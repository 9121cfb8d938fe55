package io.aerodb.functions.telemetry;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The span of what is not traced. */
enum NoSpan implements TraceSpan {
    NONE;

    @Override
    public boolean isRecording() {
        return false;
    }

    @Override
    public TraceSpan put(String attribute, String value) {
        return this;
    }

    @Override
    public TraceSpan put(String attribute, long value) {
        return this;
    }

    @Override
    public TraceSpan put(String attribute, boolean value) {
        return this;
    }

    @Override
    public TraceSpan rename(String name) {
        return this;
    }

    @Override
    public TraceSpan failed(String error) {
        return this;
    }

    @Override
    public @Nullable TraceContext contextOr(@Nullable TraceContext outer) {
        return outer;
    }

    @Override
    public void end() {}

    @Override
    public void end(Instant at) {}
}
