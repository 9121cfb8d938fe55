package io.aerodb.functions.admission;

import io.aerodb.functions.function.CircuitPolicy;

/** Where a circuit stands. What can follow a state is what its methods return; times are as {@link System#nanoTime} counts. */
sealed interface CircuitState {

    /** A state in which calls are let through, and the end of one decides how it goes on. */
    sealed interface Passing extends CircuitState {

        /** The state after the end of a call that was let through in this one. */
        CircuitState after(Verdict verdict, CircuitPolicy policy, long now);
    }

    /** All calls are let through. */
    record Closed(SlidingWindow window) implements Passing {

        static Closed fresh() {
            return new Closed(new SlidingWindow());
        }

        @Override
        public CircuitState after(Verdict verdict, CircuitPolicy policy, long now) {
            if (verdict == Verdict.NEITHER) {
                return this;
            }
            window.add(verdict == Verdict.FAILURE, policy, now);
            return window.hasTooManyFailures(policy, now) ? new Open(now) : this;
        }
    }

    /** No call is let through. */
    record Open(long since) implements CircuitState {

        /** Nanoseconds until a call may try; not positive once it may. */
        long left(CircuitPolicy policy, long now) {
            return policy.open().toNanos() - (now - since);
        }

        /** @param trialEnd when the trial counts as lost if it has not reported until then */
        HalfOpen tryOut(long trialEnd) {
            return new HalfOpen(this, trialEnd);
        }
    }

    /** One call has been let through to try; no other is. */
    record HalfOpen(Open before, long trialEnd) implements Passing {

        @Override
        public CircuitState after(Verdict verdict, CircuitPolicy policy, long now) {
            return switch (verdict) {
                case SUCCESS -> Closed.fresh();
                case FAILURE -> new Open(now);
                case NEITHER -> before; // its time is over, so the next call tries
            };
        }

        boolean isLost(long now) {
            return now - trialEnd >= 0;
        }

        /** A trial of which nothing is heard must not keep the circuit from ever closing: another one takes its place. */
        HalfOpen tryAgain(long newTrialEnd) {
            return before.tryOut(newTrialEnd);
        }
    }
}
