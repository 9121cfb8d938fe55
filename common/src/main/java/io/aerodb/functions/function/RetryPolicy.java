package io.aerodb.functions.function;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * When an invocation on the events lane is tried again. The pause before attempt n + 1 is {@code minDelay × 2^(n-1)}, at most
 * {@code maxDelay}, with a random part.
 *
 * @param maxAttempts 1 to 100, with the first one
 * @param minDelay 100 ms to 1 day
 * @param maxDelay {@code minDelay} to 1 day
 * @param maxAge nothing is tried again that was accepted longer ago than this; 1 s to 7 days
 * @param on which failures are tried again
 */
public record RetryPolicy(int maxAttempts, Duration minDelay, Duration maxDelay, Duration maxAge, Set<Cause> on) {

    /** The longest {@code maxAge}. */
    public static final Duration LONGEST_AGE = Duration.ofDays(7);
    public static final RetryPolicy DEFAULT = new RetryPolicy(5, Duration.ofSeconds(1), Duration.ofMinutes(5), Duration.ofDays(1),
            Set.of(Cause.TIMEOUT, Cause.UNAVAILABLE, Cause.HOST_FUNCTION_ERROR, Cause.WORKER_LOST));

    /** What may go better another time. */
    public enum Cause {
        /** It ran out of its time. */
        TIMEOUT("timeout"),
        /** Something it needs was away. */
        UNAVAILABLE("unavailable"),
        /** A host call failed and it gave up. */
        HOST_FUNCTION_ERROR("host_function_error"),
        /** Its worker was lost with it. */
        WORKER_LOST("worker_lost"),
        /** It said that it failed, or trapped. */
        FUNCTION_ERROR("function_error"),
        /** It asked for more memory than it may have. */
        MEMORY_LIMIT_EXCEEDED("memory_limit_exceeded");

        private final String label;

        Cause(String label) {
            this.label = label;
        }

        /** As it stands in a function's configuration. */
        public String label() {
            return label;
        }

        public static Optional<Cause> fromLabel(String label) {
            return Arrays.stream(values()).filter(value -> value.label.equals(label)).findFirst();
        }
    }

    /** @throws InvalidFunctionException with code {@code limit_out_of_range} */
    public RetryPolicy {
        on = Set.copyOf(on);
        check("retry.max_attempts", maxAttempts, 1, 100);
        check("retry.min_delay_ms", minDelay.toMillis(), 100, Duration.ofDays(1).toMillis());
        check("retry.max_delay_ms", maxDelay.toMillis(), minDelay.toMillis(), Duration.ofDays(1).toMillis());
        check("retry.max_age_ms", maxAge.toMillis(), 1000, LONGEST_AGE.toMillis());
    }

    private static void check(String member, long value, long min, long max) {
        if (value < min || value > max) {
            throw InvalidFunctionException.outOfRange(member, value, min, max);
        }
    }
}
