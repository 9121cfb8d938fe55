package io.aerodb.functions.worker.recorder;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.invocation.InvocationClaims;
import java.time.Duration;

/**
 * How long rows of {@code function_invocations} and {@code invocation_claims} are kept.
 *
 * @param successes at least this long; whole days
 * @param everything other rows, at least as long as successes; whole days
 * @param claims at least a day longer than invocations may be tried: without its claim one would run again, even one that was cancelled
 */
public record RetentionSettings(Duration successes, Duration everything, Duration claims) {

    private static final Duration SHORTEST_CLAIMS = InvocationClaims.SHORTEST_RETENTION;

    public static RetentionSettings read(Settings settings) {
        var day = Duration.ofDays(1);
        var tenYears = Duration.ofDays(3650);
        var successes = settings.duration("worker.retain-successes", Duration.ofDays(7), day, tenYears,
                "How long invocations that succeeded stay in function_invocations");
        var failures = settings.duration("worker.retain-failures", Duration.ofDays(30), day, tenYears,
                "How long all other invocations stay; at least as long as those that succeeded");
        if (failures.compareTo(successes) < 0) {
            settings.problem("worker.retain-failures", "is shorter than " + Settings.variable("worker.retain-successes"));
        }
        return new RetentionSettings(successes, failures, settings.duration("worker.retain-claims", SHORTEST_CLAIMS, SHORTEST_CLAIMS, tenYears,
                "How long it is known which invocations of the events lane and with an Idempotency-Key were run: a repeat that comes later runs again; longer than an invocation may be tried"));
    }
}
