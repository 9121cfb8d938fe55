package io.aerodb.functions.worker.fetch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Headers by name, in the order of their names' first appearance. Names are in lower case. Not thread-safe. */
final class Headers {

    private final Map<String, List<String>> values;

    Headers() {
        values = new LinkedHashMap<>();
    }

    private Headers(Map<String, List<String>> values) {
        this.values = values;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** @return empty if there is none of that name */
    List<String> all(String name) {
        return Collections.unmodifiableList(values.getOrDefault(name, List.of()));
    }

    /** Adds a value to those the name has. */
    void add(String name, String value) {
        values.computeIfAbsent(name, unused -> new ArrayList<>(1)).add(value);
    }

    void addIfAbsent(String name, String value) {
        if (!has(name)) {
            add(name, value);
        }
    }

    Headers without(Set<String> names) {
        var rest = new LinkedHashMap<>(values);
        rest.keySet().removeAll(names);
        return new Headers(rest);
    }

    /** A view, not to be written to. */
    Map<String, List<String>> byName() {
        return Collections.unmodifiableMap(values);
    }
}
