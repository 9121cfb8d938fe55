package io.aerodb.functions.telemetry;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Something that takes time and is a part of a trace. Thread-safe. */
public sealed interface TraceSpan permits NoSpan, RecordedSpan {

    /** What it stands for between processes. */
    enum Kind {
        SERVER,
        CLIENT,
        PRODUCER,
        CONSUMER,
        INTERNAL
    }

    /** Where nothing is traced. */
    static TraceSpan none() {
        return NoSpan.NONE;
    }

    /** Whether what is put into it will be seen. Ask before making a value that costs something. */
    boolean isRecording();

    /** Names of attributes are those of OpenTelemetry's semantic conventions where there is one. Never a payload or a secret. */
    TraceSpan put(String attribute, String value);

    TraceSpan put(String attribute, long value);

    TraceSpan put(String attribute, boolean value);

    TraceSpan rename(String name);

    /** @param error of few different ones, such as an error code */
    TraceSpan failed(String error);

    /**
     * What belongs to this span.
     *
     * @param outer where nothing is traced
     */
    @Nullable TraceContext contextOr(@Nullable TraceContext outer);

    void end();

    void end(Instant at);
}
