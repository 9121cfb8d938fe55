package io.aerodb.functions.admission;

import io.aerodb.functions.function.FunctionName;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What is remembered of functions. When much has gathered, what is as good as new is forgotten; so there is never more than twice what
 * is worth remembering, and no timer is needed. Thread-safe.
 */
final class FunctionStates<S> {

    static final int SWEEP_FROM = 64;

    private final ConcurrentMap<FunctionName, S> states = new ConcurrentHashMap<>();
    private final Function<FunctionName, S> fresh;
    private final Predicate<S> asGoodAsNew;
    private final Consumer<S> forgotten;
    private volatile int sweepAt = SWEEP_FROM;

    /** @param forgotten told of each state that is dropped, before there is another of that function */
    FunctionStates(Function<FunctionName, S> fresh, Predicate<S> asGoodAsNew, Consumer<S> forgotten) {
        this.fresh = fresh;
        this.asGoodAsNew = asGoodAsNew;
        this.forgotten = forgotten;
    }

    /** What is remembered, or something fresh that is remembered from now on. */
    S of(FunctionName name) {
        var known = states.get(name);
        if (known != null) {
            return known;
        }
        if (states.size() >= sweepAt) {
            sweep();
        }
        return states.computeIfAbsent(name, fresh);
    }

    Optional<S> known(FunctionName name) {
        return Optional.ofNullable(states.get(name));
    }

    void forget(FunctionName name) {
        if (states.containsKey(name)) {
            states.computeIfPresent(name, (_, state) -> {
                forgotten.accept(state);
                return null;
            });
        }
    }

    int size() {
        return states.size();
    }

    /** Whoever uses a state in the moment in which it is forgotten uses it for the last time: at worst one call is not counted. */
    private synchronized void sweep() {
        if (states.size() >= sweepAt) {
            states.forEach((name, state) -> {
                if (asGoodAsNew.test(state)) {
                    forget(name);
                }
            });
            sweepAt = Math.max(SWEEP_FROM, 2 * states.size());
        }
    }
}
