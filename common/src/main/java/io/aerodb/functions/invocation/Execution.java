package io.aerodb.functions.invocation;

import java.time.Duration;
import java.util.List;

/**
 * One run of a function: how it ended and what it used.
 *
 * @param run from the start of the run to its end; zero where it was not run
 * @param memoryPeakBytes of the module's linear memory; 0 where it was not run
 * @param log what the function logged, in order
 * @param logTruncated whether it logged more than is kept
 */
public record Execution(Outcome outcome, Duration run, long memoryPeakBytes, List<LogLine> log, boolean logTruncated) {

    public Execution {
        log = List.copyOf(log);
    }

    /** An invocation that ended without a run. */
    public static Execution notRun(Outcome outcome) {
        return new Execution(outcome, Duration.ZERO, 0, List.of(), false);
    }
}
