package io.aerodb.functions.lifecycle;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Whether a service can do its work: each thing it depends on by name. Thread-safe once built. */
public final class Health implements MeterBinder {

    private final Map<String, BooleanSupplier> checks = new LinkedHashMap<>();
    private final Set<String> optional = new HashSet<>();

    /** @param check must answer from memory or within about two seconds */
    public Health dependency(String name, BooleanSupplier check) {
        checks.put(name, check);
        return this;
    }

    /** Something whose absence is reported, but without which the service still does its main work. */
    public Health optional(String name, BooleanSupplier check) {
        optional.add(name);
        return dependency(name, check);
    }

    /** Asks every dependency whenever metrics are asked for. To be called when all have been named. */
    @Override
    public void bindTo(MeterRegistry metrics) {
        checks.forEach((name, check) -> Gauge.builder("dependency.up", check, it -> it.getAsBoolean() ? 1 : 0)
                .description("1 while the dependency is up, as in /health/ready").tag("dependency", name).strongReference(true).register(metrics));
    }

    /** Asks every dependency now. */
    public Report report() {
        var dependencies = new LinkedHashMap<String, Boolean>();
        checks.forEach((name, check) -> dependencies.put(name, check.getAsBoolean()));
        return new Report(dependencies, optional);
    }

    /**
     * @param dependencies whether each one is up, by its name
     * @param optional the names of those without which the service is ready all the same
     */
    public record Report(Map<String, Boolean> dependencies, Set<String> optional) {

        public boolean isReady() {
            return dependencies.entrySet().stream().allMatch(dependency -> dependency.getValue() || optional.contains(dependency.getKey()));
        }

        /** {@code {"status":"ready","dependencies":{"kafka":"up"}}}; names are ours and need no escaping. */
        public String toJson() {
            var members = new StringBuilder();
            dependencies.forEach((name, up) -> members.append(members.isEmpty() ? "" : ",")
                    .append('"').append(name).append("\":\"").append(up ? "up" : "down").append('"'));
            return "{\"status\":\"" + (isReady() ? "ready" : "not_ready") + "\",\"dependencies\":{" + members + "}}";
        }
    }
}
