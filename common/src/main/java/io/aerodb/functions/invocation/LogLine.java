package io.aerodb.functions.invocation;

/**
 * One line a function logged.
 *
 * @param offsetMillis since the start of the run, 0 or more
 */
public record LogLine(Level level, long offsetMillis, String message) {

    /** In the order of the guest ABI's numbers, from 0. */
    public enum Level {
        DEBUG,
        INFO,
        WARN,
        ERROR,
        FATAL
    }
}
