package io.aerodb.functions.worker.database;

import io.aerodb.functions.telemetry.TraceContext;

/**
 * Which trace a statement belongs to, as a comment in the form of sqlcommenter, so that the server's log tells it. It stands behind the
 * whole text, which the gate has let pass without it, and consists of hexadecimal digits: it cannot change what the text means, nor can
 * the text what it says.
 */
final class TraceComment {

    private TraceComment() {}

    static String after(String sql, TraceContext trace) {
        return sql + " /*traceparent='" + trace.traceparent() + "'*/";
    }
}
