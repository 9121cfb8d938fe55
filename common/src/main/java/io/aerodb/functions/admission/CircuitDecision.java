package io.aerodb.functions.admission;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Whether a circuit lets a call through. */
public sealed interface CircuitDecision {

    /** The call may be made; {@link #end} must be told how it ended. Thread-safe. */
    final class Allowed implements CircuitDecision {

        private final AtomicBoolean ended = new AtomicBoolean();
        private final Consumer<Verdict> report;

        Allowed(Consumer<Verdict> report) {
            this.report = report;
        }

        /** Only the first time counts. */
        public void end(Verdict verdict) {
            if (ended.compareAndSet(false, true)) {
                report.accept(verdict);
            }
        }
    }

    /**
     * The call must not be made.
     *
     * @param retryAfter how long it will be until one may; more than zero
     */
    record Open(Duration retryAfter) implements CircuitDecision {}
}
