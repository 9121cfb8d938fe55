package io.aerodb.functions.system.fault;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How a fault has ended.
 *
 * @param fault what was done
 * @param accepted invocations that stand on the log, or that a caller was told of
 * @param answered calls that got an answer, of whatever kind
 * @param rows invocations with a terminal row
 * @param missing accepted ones without
 * @param doubled ids with two rows, that two calls were answered with, or whose answer went to another call
 * @param runTwice invocations that have ended more than once, as those do that are run again after a crash
 * @param longestGap between two successful answers
 * @param problems what is wrong, in words; empty if nothing is
 */
record Report(String fault, int accepted, int answered, int rows, int missing, int doubled, int runTwice, Duration longestGap, List<String> problems) {

    private static final String COLUMNS = "%-62s %9s %9s %9s %9s %9s %9s %12s  %s";
    static final String HEADING = COLUMNS.formatted("fault", "accepted", "answered", "rows", "missing", "doubled", "run twice", "longest gap", "verdict");

    Report {
        problems = List.copyOf(problems);
    }

    String line() {
        var gap = String.format(Locale.ROOT, "%.1f s", longestGap.toMillis() / 1e3);
        return COLUMNS.formatted(fault, accepted, answered, rows, missing, doubled, runTwice, gap, problems.isEmpty() ? "ok" : String.join("; ", problems));
    }
}
