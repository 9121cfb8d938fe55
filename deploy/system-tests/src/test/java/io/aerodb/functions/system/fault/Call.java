package io.aerodb.functions.system.fault;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call of a function, and what came back.
 *
 * @param name what its function answers with
 * @param sentNanos and {@code endedNanos}, by {@link System#nanoTime}
 * @param status of the answer; 0 if the connection was lost
 * @param id of the invocation, if the answer told it
 * @param body of the answer, or what became of the connection
 */
record Call(String name, long sentNanos, long endedNanos, int status, @Nullable String id, String body) {

    private static final Duration PATIENCE_OF_GATEWAYS = Duration.ofMillis(1500);

    boolean isAnswered() {
        return status != 0;
    }

    boolean isSuccess() {
        return status / 100 == 2;
    }

    /** Whether it was refused because the log had not taken it in the time that a gateway gives it. A refusal that comes sooner is a fault. */
    boolean isRefusedInPatience() {
        return status == 503 && endedNanos - sentNanos >= PATIENCE_OF_GATEWAYS.toNanos();
    }

    /** Whether the answer says that the call was taken, so that it has to end somehow. A 503 says that it may or may not have been. */
    boolean isAccepted() {
        return id != null && status != 503;
    }

    /** Whether a success has the answer of another call. */
    boolean isMixedUp() {
        return status == 200 && !body.contains(name);
    }

    Optional<String> invocation() {
        return Optional.ofNullable(id);
    }
}
