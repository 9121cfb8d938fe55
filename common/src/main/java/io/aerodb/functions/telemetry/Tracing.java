package io.aerodb.functions.telemetry;

import io.aerodb.functions.telemetry.TraceSpan.Kind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The spans of one service. Where nobody collects them it makes none, and no part of OpenTelemetry is started. Thread-safe. */
public final class Tracing implements AutoCloseable {

    private static final Tracing OFF = new Tracing(null);

    private final @Nullable SpanSource source;

    private Tracing(@Nullable SpanSource source) {
        this.source = source;
    }

    public static Tracing off() {
        return OFF;
    }

    /**
     * @param service such as {@code worker}
     * @param instance names this one among others of its kind
     */
    public static Tracing of(TracingSettings settings, String service, String instance) {
        return settings.endpoint().isPresent() ? new Tracing(SpanSource.open(settings, settings.endpoint().get(), service, instance)) : OFF;
    }

    public boolean isOn() {
        return source != null;
    }

    /**
     * Begins a span that whoever gets it has to end.
     *
     * @param parent null for the first one of a trace
     */
    public TraceSpan begin(String name, Kind kind, @Nullable TraceContext parent) {
        return source == null ? TraceSpan.none() : source.begin(name, kind, parent, null, null);
    }

    /** Begins a span that began a while ago. */
    public TraceSpan begin(String name, Kind kind, @Nullable TraceContext parent, Instant since) {
        return source == null ? TraceSpan.none() : source.begin(name, kind, parent, null, since);
    }

    /**
     * Begins the first span of a trace that goes back to another one, which may be over for long; kept if that one is.
     *
     * @param origin null where there is none
     */
    public TraceSpan beginLinked(String name, Kind kind, @Nullable TraceContext origin) {
        return source == null ? TraceSpan.none() : source.begin(name, kind, null, origin, null);
    }

    /** Sends what has ended, for at most a few seconds. */
    @Override
    public void close() {
        if (source != null) {
            source.close();
        }
    }
}
