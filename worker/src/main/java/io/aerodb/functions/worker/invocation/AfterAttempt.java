package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.function.Delivery;
import io.aerodb.functions.function.RetryPolicy;
import io.aerodb.functions.function.RetryPolicy.Cause;
import io.aerodb.functions.invocation.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What follows when an attempt has ended. */
sealed interface AfterAttempt {

    /** From the time an attempt is due to its start: one that is due less than this before it is too old would expire. */
    Duration START = Duration.ofSeconds(1);

    /** The outcome is how the invocation ended. */
    record Done() implements AfterAttempt {}

    /** There is another attempt. */
    record Retry(Instant at) implements AfterAttempt {}

    /** There is no other attempt, and somebody has to see to it. */
    record DeadLetter(String reason) implements AfterAttempt {}

    /**
     * On the events lane, where nobody waits: what did not succeed is tried again as long as that may help, and then is a dead letter,
     * whatever triggered it and however it failed.
     *
     * @param attempt the one that ended, counted from 1
     * @param pause how long to wait at least, because an attempt before that cannot be made
     * @param random from 0 to 1; half of the pause hangs on it, so that what failed together is not tried together again
     */
    static AfterAttempt onEvents(RetryPolicy policy, Delivery delivery, Outcome outcome, int attempt, Instant acceptedAt,
            Instant now, Duration pause, double random) {
        if (outcome instanceof Outcome.Succeeded) {
            return new Done();
        }
        if (delivery == Delivery.AT_MOST_ONCE) {
            return new DeadLetter("it is delivered at most once, and ended as " + named(outcome));
        }
        if (cause(outcome).filter(policy.on()::contains).isEmpty()) {
            return new DeadLetter("it ended as " + named(outcome) + ", which is not tried again");
        }
        if (attempt >= policy.maxAttempts()) {
            return new DeadLetter("all " + policy.maxAttempts() + " attempts are used up, the last one ended as " + named(outcome));
        }
        var own = pause(policy, attempt, random);
        var at = now.plus(own.compareTo(pause) < 0 ? pause : own);
        return at.isAfter(acceptedAt.plus(policy.maxAge()).minus(START))
                ? new DeadLetter("it would be too old for attempt " + (attempt + 1) + ", the last one ended as " + named(outcome))
                : new Retry(at);
    }

    private static Duration pause(RetryPolicy policy, int attempt, double random) {
        var whole = Math.min(policy.maxDelay().toMillis(), policy.minDelay().toMillis() * Math.pow(2, attempt - 1));
        return Duration.ofMillis(Math.round(whole * (0.5 + random / 2)));
    }

    private static String named(Outcome outcome) {
        return outcome.status() + " (" + outcome.code() + ")";
    }

    /** Which of the causes that a policy can name it is; empty for what another attempt cannot change. */
    private static Optional<Cause> cause(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Succeeded _, Outcome.Expired _ -> Optional.empty();
            case Outcome.TimedOut _ -> Optional.of(Cause.TIMEOUT);
            case Outcome.MemoryExceeded _ -> Optional.of(Cause.MEMORY_LIMIT_EXCEEDED);
            case Outcome.Failed failed -> Optional.of(switch (failed.failure()) {
                case FUNCTION_ERROR -> Cause.FUNCTION_ERROR;
                case HOST_FUNCTION_ERROR -> Cause.HOST_FUNCTION_ERROR;
                case WORKER_LOST -> Cause.WORKER_LOST;
            });
            case Outcome.Rejected rejected -> switch (rejected.reason()) {
                case UNAVAILABLE -> Optional.of(Cause.UNAVAILABLE);
                case FUNCTION_NOT_FOUND, MODULE_REJECTED -> Optional.empty();
            };
        };
    }
}
