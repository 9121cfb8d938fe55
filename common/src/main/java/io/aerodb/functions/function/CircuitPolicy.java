package io.aerodb.functions.function;

import java.time.Duration;

/**
 * When a function that keeps failing is no longer called for a while.
 *
 * @param failurePercent the circuit opens when at least this part of the calls in the window failed; 1 to 100
 * @param window how far back calls count; 1 s to 1 h
 * @param minCalls with fewer calls in the window it stays closed; 1 to 10 000
 * @param open how long it stays open before one call is let through to try; 100 ms to 1 h
 */
public record CircuitPolicy(int failurePercent, Duration window, int minCalls, Duration open) {

    public static final CircuitPolicy DEFAULT = new CircuitPolicy(50, Duration.ofMinutes(5), 20, Duration.ofSeconds(30));

    /** @throws InvalidFunctionException with code {@code limit_out_of_range} */
    public CircuitPolicy {
        check("failure_percent", failurePercent, 1, 100);
        check("window_ms", window.toMillis(), 1000, Duration.ofHours(1).toMillis());
        check("min_calls", minCalls, 1, 10_000);
        check("open_ms", open.toMillis(), 100, Duration.ofHours(1).toMillis());
    }

    private static void check(String member, long value, long min, long max) {
        if (value < min || value > max) {
            throw InvalidFunctionException.outOfRange("circuit_breaker." + member, value, min, max);
        }
    }
}
