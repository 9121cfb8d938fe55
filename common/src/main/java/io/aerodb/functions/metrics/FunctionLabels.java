package io.aerodb.functions.metrics;

import io.aerodb.functions.function.FunctionName;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The values of the label {@code name}: those of functions that are deployed, from when something is first measured of them until they
 * are deleted, and no more than {@value #MAX_NAMES} at once. What is measured of others goes to {@value #OTHER}. Thread-safe.
 */
public final class FunctionLabels {

    /** No function can have this name. */
    public static final String OTHER = "_other";

    public static final int MAX_NAMES = 500;

    private static final String LABEL = "name";

    private final MeterRegistry registry;
    private final Predicate<FunctionName> isDeployed;
    private final Set<String> names = new HashSet<>();

    /** @param isDeployed asked whenever something new is to be measured of a function; must answer from memory */
    public FunctionLabels(MeterRegistry registry, Predicate<FunctionName> isDeployed) {
        this.registry = registry;
        this.isDeployed = isDeployed;
    }

    /**
     * One of a function's counters, for what seldom happens.
     *
     * @param tags more labels, as names and values by turns; few values each
     */
    public Counter counter(FunctionName function, String name, String description, String... tags) {
        return register(function, label -> Counter.builder(name).description(description).tag(LABEL, label).tags(tags).register(registry));
    }

    /**
     * Registers meters of a function.
     *
     * @param meters makes them, for the value of the label, under the lock of this
     */
    synchronized <M> M register(FunctionName function, Function<String, M> meters) {
        return meters.apply(isDeployed.test(function) && hasRoomFor(function.value()) ? function.value() : OTHER);
    }

    private boolean hasRoomFor(String name) {
        return names.contains(name) || names.size() < MAX_NAMES && names.add(name);
    }

    /** Ends everything that bears the name of a function; to be called after it has stopped to count as deployed. */
    public synchronized void deleted(FunctionName function) {
        if (names.remove(function.value())) {
            registry.getMeters().stream()
                    .filter(meter -> function.value().equals(meter.getId().getTag(LABEL)))
                    .forEach(registry::remove);
        }
    }
}
