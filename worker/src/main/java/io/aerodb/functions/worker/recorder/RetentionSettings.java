package io.aerodb.functions.worker.recorder;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.function.RetryPolicy;
import io.aerodb.functions.invocation.InvocationClaims;
import java.time.Duration;

/**
 * How long rows of {@code function_invocations} and {@code invocation_claims} are kept.
 *
 * @param successes at least this long; whole days
 * @param everything other rows, at least as long as successes, and as an invocation may take whose start is delayed; whole days
 * @param claims at least a day longer than invocations may be tried: without its claim one would run again, even one that was cancelled
 */
public record RetentionSettings(Duration successes, Duration everything, Duration claims) {

    private static final Duration SHORTEST_CLAIMS = InvocationClaims.SHORTEST_RETENTION;

    /** @param longestDelay of the start of an invocation, whose row must be there until it has ended */
    public static RetentionSettings read(Settings settings, Duration longestDelay) {
        var day = Duration.ofDays(1);
        var tenYears = Duration.ofDays(3650);
        var successes = settings.duration("worker.retain-successes", Duration.ofDays(7), day, tenYears,
                "How long invocations that succeeded stay in function_invocations");
        var failures = settings.duration("worker.retain-failures", Duration.ofDays(30), day, tenYears,
                "How long all other invocations stay; at least as long as those that succeeded, and 7 days longer than the longest delay of a call");
        if (failures.compareTo(successes) < 0) {
            settings.problem("worker.retain-failures", "is shorter than " + Settings.variable("worker.retain-successes"));
        }
        var longestLife = longestDelay.plus(RetryPolicy.LONGEST_AGE);
        if (failures.compareTo(longestLife) < 0) {
            settings.problem("worker.retain-failures", "is shorter than a delayed call may take: raise it to " + (longestLife.minusNanos(1).toDays() + 1)
                    + "d, or lower " + Settings.variable("kafka.request-retention"));
        }
        return new RetentionSettings(successes, failures, settings.duration("worker.retain-claims", SHORTEST_CLAIMS, SHORTEST_CLAIMS, tenYears,
                "How long it is known which invocations of the events lane and with an Idempotency-Key were run: a repeat that comes later runs again; longer than an invocation may be tried"));
    }
}
