package io.aerodb.functions.function;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * How much of a function may go on at once. What comes on top is refused where a caller waits, and waits where nobody does.
 *
 * @param concurrency runs at once over all gateways and workers, kept approximately; empty for no limit of its own
 * @param callerConcurrency calls at once of one caller; empty for no limit of its own
 * @param rateLimit empty for none
 * @param circuitBreaker empty for none
 */
public record AdmissionPolicy(
        OptionalInt concurrency, OptionalInt callerConcurrency, Optional<RateLimit> rateLimit, Optional<CircuitPolicy> circuitBreaker) {

    public static final int MAX_CONCURRENCY = 100_000;

    public static final AdmissionPolicy NONE = new AdmissionPolicy(OptionalInt.empty(), OptionalInt.empty(), Optional.empty(), Optional.empty());

    /** @throws InvalidFunctionException with code {@code limit_out_of_range} */
    public AdmissionPolicy {
        check("concurrency", concurrency);
        check("caller_concurrency", callerConcurrency);
    }

    private static void check(String member, OptionalInt value) {
        if (value.isPresent() && (value.getAsInt() < 1 || value.getAsInt() > MAX_CONCURRENCY)) {
            throw InvalidFunctionException.outOfRange(member, value.getAsInt(), 1, MAX_CONCURRENCY);
        }
    }
}
