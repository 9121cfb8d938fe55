package io.aerodb.functions.telemetry;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which span something belongs to, as W3C Trace Context writes it. Only what is well-formed is carried on.
 *
 * @param traceparent 55 characters: version, trace, span, flags
 * @param tracestate what tracing systems add to it; null where they add nothing
 */
public record TraceContext(String traceparent, @Nullable String tracestate) {

    private static final Pattern FORM = Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");
    private static final int MAX_STATE = 512;

    /** @throws IllegalArgumentException if one of them is not well-formed */
    public TraceContext {
        if (!FORM.matcher(traceparent).matches() || tracestate != null && !isWellFormed(tracestate)) {
            throw new IllegalArgumentException("not a W3C trace context");
        }
    }

    /** @return empty without a well-formed traceparent; a tracestate that is not well-formed is left out */
    public static Optional<TraceContext> of(@Nullable String traceparent, @Nullable String tracestate) {
        return traceparent != null && FORM.matcher(traceparent).matches()
                ? Optional.of(new TraceContext(traceparent, tracestate != null && isWellFormed(tracestate) ? tracestate : null))
                : Optional.empty();
    }

    /** 32 hexadecimal digits. */
    public String traceId() {
        return traceparent.substring(3, 35);
    }

    /** Whether the spans of this trace are kept. */
    public boolean isSampled() {
        return (Character.digit(traceparent.charAt(54), 16) & 1) == 1;
    }

    private static boolean isWellFormed(String tracestate) {
        return !tracestate.isBlank() && tracestate.length() <= MAX_STATE
                && tracestate.chars().allMatch(character -> character >= ' ' && character < 0x7F);
    }
}
