package io.aerodb.functions.admission;

import io.aerodb.functions.admission.CircuitState.Closed;
import io.aerodb.functions.admission.CircuitState.HalfOpen;
import io.aerodb.functions.admission.CircuitState.Open;
import io.aerodb.functions.admission.CircuitState.Passing;
import io.aerodb.functions.function.CircuitPolicy;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The circuit of one function. The policy is given with each question, so a changed one holds from then on and the calls counted so far
 * stay. Thread-safe; its lock is held for moments.
 */
final class CircuitBreaker {

    /** What a caller is told while a trial is under way, as nobody knows how long that takes. */
    private static final Duration TRIAL_PAUSE = Duration.ofSeconds(1);
    /** A circuit that nobody asked for so long is forgotten, open or not: longer than any window and any pause. */
    private static final Duration FORGOTTEN = Duration.ofHours(2);

    private final LongSupplier nanoTime;
    private CircuitPolicy policy = CircuitPolicy.DEFAULT;
    private CircuitState state = Closed.fresh();
    private long askedAt;

    /** @param nanoTime {@link System#nanoTime} */
    CircuitBreaker(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.askedAt = nanoTime.getAsLong();
    }

    /** @param longest how long the call may take; a trial that has not reported until then makes room for another */
    synchronized CircuitDecision tryRun(CircuitPolicy current, Duration longest) {
        var now = nanoTime.getAsLong();
        policy = current;
        askedAt = now;
        var refusal = refusal(current);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        var trialEnd = now + longest.toNanos();
        var passing = switch (state) {
            case Closed closed -> closed;
            case Open open -> open.tryOut(trialEnd);
            case HalfOpen lost -> lost.tryAgain(trialEnd);
        };
        state = passing;
        return new CircuitDecision.Allowed(verdict -> report(passing, verdict));
    }

    /** What {@link #tryRun} would answer, without a trial being begun; empty if it would let a call through. */
    synchronized Optional<CircuitDecision.Open> refusal(CircuitPolicy current) {
        var now = nanoTime.getAsLong();
        return switch (state) {
            case Closed _ -> Optional.empty();
            case Open open -> open.left(current, now) > 0
                    ? Optional.of(new CircuitDecision.Open(Duration.ofNanos(open.left(current, now)))) : Optional.empty();
            case HalfOpen trial -> trial.isLost(now) ? Optional.empty() : Optional.of(new CircuitDecision.Open(TRIAL_PAUSE));
        };
    }

    /** What was let through before the state last changed says nothing about how things are now. */
    private synchronized void report(Passing under, Verdict verdict) {
        if (state == under) {
            state = under.after(verdict, policy, nanoTime.getAsLong());
        }
    }

    synchronized boolean isClosed() {
        return state instanceof Closed;
    }

    synchronized boolean isAsGoodAsNew() {
        var now = nanoTime.getAsLong();
        return now - askedAt > FORGOTTEN.toNanos() || state instanceof Closed closed && closed.window().isEmpty(policy, now);
    }
}
