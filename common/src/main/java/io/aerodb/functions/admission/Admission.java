package io.aerodb.functions.admission;

import io.aerodb.functions.admission.Refusal.Reason;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionName;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Which calls a gateway takes, by the limits of their functions and callers. The concurrency and the rate of a function hold over all
 * gateways: each one takes its part, rounded up, of what is allowed to all of them. What is counted by caller, each gateway counts for
 * itself. Thread-safe; never blocks, and keeps nothing of callers and functions of which nothing goes on.
 */
public final class Admission {

    private final int maxPerCaller;
    private final IntSupplier liveGateways;
    private final CircuitBreakers circuits;
    private final LongSupplier nanoTime;
    private final InFlight<FunctionName> functions = new InFlight<>();
    private final InFlight<Caller> callers = new InFlight<>();
    private final InFlight<CallerOfFunction> callersOfFunctions = new InFlight<>();
    private final FunctionStates<TokenBucket> buckets;

    private record CallerOfFunction(Caller caller, FunctionName function) {}

    /**
     * @param maxPerCaller calls of one caller that may go on at once, over all functions; at least 1
     * @param liveGateways how many gateways share the limits now; less than 1 counts as 1
     */
    public Admission(int maxPerCaller, IntSupplier liveGateways, CircuitBreakers circuits) {
        this(maxPerCaller, liveGateways, circuits, System::nanoTime);
    }

    Admission(int maxPerCaller, IntSupplier liveGateways, CircuitBreakers circuits, LongSupplier nanoTime) {
        this.maxPerCaller = maxPerCaller;
        this.liveGateways = liveGateways;
        this.circuits = circuits;
        this.nanoTime = nanoTime;
        this.buckets = new FunctionStates<>(_ -> new TokenBucket(nanoTime.getAsLong()), bucket -> bucket.isFull(nanoTime.getAsLong()), _ -> { });
    }

    /** Why {@link #admit} would refuse a call at this moment; nothing is taken. For refusing before the body is read. */
    public Optional<Refusal> refusal(DeployedFunction function, Caller caller) {
        var policy = function.config().admission();
        return circuits.refusal(function.name(), policy.circuitBreaker()).map(Admission::circuitOpen)
                .or(() -> when(functions.count(function.name()) >= share(policy.concurrency()), Reason.CONCURRENCY))
                .or(() -> when(isLimited(caller) && policy.callerConcurrency().isPresent()
                        && callersOfFunctions.count(new CallerOfFunction(caller, function.name())) >= policy.callerConcurrency().getAsInt(),
                        Reason.CALLER_CONCURRENCY))
                .or(() -> when(isLimited(caller) && callers.count(caller) >= maxPerCaller, Reason.CALLER_IN_FLIGHT))
                .or(() -> refusalOfQueued(function));
    }

    /**
     * Takes all that a call needs whose caller waits.
     *
     * @param longest how long it may take until it is known how it ended
     * @param permit gets what is taken; it is ended if the call is refused
     * @return why it is refused; empty if it is not
     */
    public Optional<Refusal> admit(DeployedFunction function, Caller caller, Duration longest, Permit permit) {
        var policy = function.config().admission();
        var refusal = enterCircuit(function, longest, permit)
                .or(() -> enter(functions, function.name(), share(policy.concurrency()), Reason.CONCURRENCY, permit))
                .or(() -> isLimited(caller) && policy.callerConcurrency().isPresent()
                        ? enter(callersOfFunctions, new CallerOfFunction(caller, function.name()), policy.callerConcurrency().getAsInt(),
                                Reason.CALLER_CONCURRENCY, permit)
                        : Optional.empty())
                .or(() -> isLimited(caller) ? enter(callers, caller, maxPerCaller, Reason.CALLER_IN_FLIGHT, permit) : Optional.empty())
                .or(() -> admitQueued(function));
        refusal.ifPresent(_ -> permit.end(Verdict.NEITHER));
        return refusal;
    }

    /** Why {@link #admitQueued} would refuse a call at this moment; nothing is taken. */
    public Optional<Refusal> refusalOfQueued(DeployedFunction function) {
        return function.config().admission().rateLimit()
                .flatMap(limit -> buckets.known(function.name()).map(bucket -> bucket.untilNext(limit, gateways(), nanoTime.getAsLong())))
                .flatMap(Admission::rateLimited);
    }

    /**
     * Takes what a call needs that waits on the events lane: a token. How many run at once, and whether the circuit is open, is for the
     * worker to see to.
     *
     * @return why it is refused; empty if it is not
     */
    public Optional<Refusal> admitQueued(DeployedFunction function) {
        return function.config().admission().rateLimit()
                .map(limit -> buckets.of(function.name()).tryTake(limit, gateways(), nanoTime.getAsLong()))
                .flatMap(Admission::rateLimited);
    }

    private Optional<Refusal> enterCircuit(DeployedFunction function, Duration longest, Permit permit) {
        return switch (circuits.tryRun(function.name(), function.config().admission().circuitBreaker(), longest)) {
            case CircuitDecision.Open open -> Optional.of(circuitOpen(open));
            case CircuitDecision.Allowed allowed -> {
                permit.hold(allowed::end);
                yield Optional.empty();
            }
        };
    }

    private static <K> Optional<Refusal> enter(InFlight<K> counter, K key, int limit, Reason reason, Permit permit) {
        if (!counter.tryEnter(key, limit)) {
            return Optional.of(Refusal.soon(reason));
        }
        permit.hold(_ -> counter.leave(key));
        return Optional.empty();
    }

    private int share(OptionalInt limit) {
        return limit.isPresent() ? Math.ceilDiv(limit.getAsInt(), gateways()) : Integer.MAX_VALUE;
    }

    private int gateways() {
        return Math.max(1, liveGateways.getAsInt());
    }

    private static boolean isLimited(Caller caller) {
        return switch (caller) {
            case Caller.Service _ -> false;
            case Caller.Subject _, Caller.Network _ -> true;
        };
    }

    private static Optional<Refusal> when(boolean full, Reason reason) {
        return full ? Optional.of(Refusal.soon(reason)) : Optional.empty();
    }

    private static Refusal circuitOpen(CircuitDecision.Open open) {
        return new Refusal(Reason.CIRCUIT_OPEN, open.retryAfter());
    }

    private static Optional<Refusal> rateLimited(Duration untilNext) {
        return untilNext.isZero() ? Optional.empty() : Optional.of(new Refusal(Reason.RATE_LIMIT, untilNext));
    }

    /** How many functions and callers are remembered. */
    int remembered() {
        return functions.keys() + callers.keys() + callersOfFunctions.keys() + buckets.size();
    }
}
