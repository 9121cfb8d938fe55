package io.aerodb.functions.lifecycle;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Whether a service can do its work: each thing it depends on by name. Thread-safe once built. */
public final class Health {

    private final Map<String, BooleanSupplier> checks = new LinkedHashMap<>();

    /** @param check must answer from memory or within about two seconds */
    public Health dependency(String name, BooleanSupplier check) {
        checks.put(name, check);
        return this;
    }

    /** Asks every dependency now. */
    public Report report() {
        var dependencies = new LinkedHashMap<String, Boolean>();
        checks.forEach((name, check) -> dependencies.put(name, check.getAsBoolean()));
        return new Report(dependencies);
    }

    /** @param dependencies whether each one is up, by its name */
    public record Report(Map<String, Boolean> dependencies) {

        public boolean isReady() {
            return !dependencies.containsValue(false);
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
