package io.aerodb.functions.admission;

import java.time.Duration;

/**
 * A call that is not taken.
 *
 * @param retryAfter when it might be; more than zero
 */
public record Refusal(Reason reason, Duration retryAfter) {

    private static final Duration SOON = Duration.ofSeconds(1);

    /** Which limit stands against it. */
    public enum Reason {
        /** Too many calls of the function failed lately. */
        CIRCUIT_OPEN("circuit_open"),
        /** As many calls of the function go on as may. */
        CONCURRENCY("concurrency"),
        /** As many calls of the function by this caller go on as may. */
        CALLER_CONCURRENCY("caller_concurrency"),
        /** As many calls by this caller go on, of all functions, as may. */
        CALLER_IN_FLIGHT("caller_in_flight"),
        /** The function is called more often than it may. */
        RATE_LIMIT("rate_limit");

        private final String label;

        Reason(String label) {
            this.label = label;
        }

        /** As it stands in metrics. */
        public String label() {
            return label;
        }
    }

    /** Nobody knows when a call ends, and calls are short. */
    static Refusal soon(Reason reason) {
        return new Refusal(reason, SOON);
    }
}
