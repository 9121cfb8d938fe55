package io.aerodb.functions.telemetry;

import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** While it is open, every line that this thread logs tells which invocation it is about. For one thread, and not nested. */
public final class LogContext implements AutoCloseable {

    static final String INVOCATION = "invocationId";
    static final String TRACE = "traceId";

    private LogContext() {}

    /** @param trace null where the invocation belongs to none */
    public static LogContext of(String invocation, @Nullable TraceContext trace) {
        MDC.put(INVOCATION, invocation);
        if (trace != null) {
            MDC.put(TRACE, trace.traceId());
        }
        return new LogContext();
    }

    @Override
    public void close() {
        MDC.remove(INVOCATION);
        MDC.remove(TRACE);
    }
}
