package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.Outcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Tells of every attempt that has ended, and of what its function logged, in the worker's own log. The loggers are on only where lines
 * are JSON, for a person at a terminal asks for the log of a function.
 */
final class InvocationLines {

    /** Of one attempt; its row has all of them. */
    static final int MAX_LINES = 100;
    /** Collectors cut lines, often at 16 KiB. */
    static final int MAX_CHARACTERS = 4096;

    private static final Logger ENDED = LoggerFactory.getLogger("functions.invoke");
    private static final Logger LOGGED = LoggerFactory.getLogger("functions.log");
    private static final double MICROS_PER_MILLI = 1000;
    private static final double KIB_PER_MIB = 1024;

    private InvocationLines() {}

    static void write(EndedAttempt ended) {
        if (!ENDED.isErrorEnabled()) {
            return;
        }
        ended.run().execution().log().stream().limit(MAX_LINES).forEach(line -> write(ended, line));
        var request = ended.request();
        var execution = ended.run().execution();
        var outcome = ended.outcome();
        var succeeded = outcome instanceof Outcome.Succeeded;
        ENDED.atLevel(succeeded ? Level.INFO : Level.ERROR)
                .addKeyValue("operation", "invoke")
                .addKeyValue("function", request.function().name().value())
                .addKeyValue("trigger", request.trigger().label())
                .addKeyValue("status", outcome.status())
                .addKeyValue("error", succeeded ? null : outcome.message())
                .addKeyValue("error_type", succeeded ? null : outcome.code())
                .addKeyValue("duration_ms", execution.run().toNanos() / 1000 / MICROS_PER_MILLI)
                .addKeyValue("queue_ms", ended.queue().toNanos() / 1000 / MICROS_PER_MILLI)
                .addKeyValue("memory_mb", execution.memoryPeakBytes() / 1024 / KIB_PER_MIB)
                .addKeyValue("user_id", request.identity().user().orElse(null))
                .addKeyValue("request_id", request.id().toString())
                .addKeyValue("version", request.function().version())
                .addKeyValue("attempt", request.attempt())
                .addKeyValue("log_lines", execution.log().size())
                .log("invocation ended");
    }

    private static void write(EndedAttempt ended, LogLine line) {
        var text = line.message();
        LOGGED.atLevel(level(line.level()))
                .addKeyValue("function", ended.request().function().name().value())
                .addKeyValue("offset_ms", line.offsetMillis())
                .log("{}", text.length() > MAX_CHARACTERS ? text.substring(0, MAX_CHARACTERS) + "…" : text);
    }

    private static Level level(LogLine.Level level) {
        return switch (level) {
            case DEBUG -> Level.DEBUG;
            case INFO -> Level.INFO;
            case WARN -> Level.WARN;
            case ERROR, FATAL -> Level.ERROR;
        };
    }
}
