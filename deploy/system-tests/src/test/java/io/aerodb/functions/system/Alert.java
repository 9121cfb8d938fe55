package io.aerodb.functions.system;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * One rule of {@code deploy/observability/alerts.yaml}.
 *
 * @param pending how long it must hold, as Prometheus writes it; null if no longer than an instant
 */
record Alert(String name, String expression, @Nullable String pending, Map<String, String> labels, Map<String, String> annotations) {

    static final String FILE = "deploy/observability/alerts.yaml";
    private static final List<String> MEMBERS = List.of("alert", "expr", "for", "labels", "annotations");

    static List<Alert> all() {
        var file = map(new Yaml(new SafeConstructor(new LoaderOptions())).load(Repository.read(FILE)));
        return maps(file.get("groups")).flatMap(group -> maps(group.get("rules"))).map(Alert::of).toList();
    }

    private static Alert of(Map<String, Object> rule) {
        if (!MEMBERS.containsAll(rule.keySet())) {
            throw new AssertionError("Prometheus knows no such member: " + rule);
        }
        return new Alert(String.valueOf(rule.get("alert")), String.valueOf(rule.get("expr")), (String) rule.get("for"),
                texts(rule.get("labels")), texts(rule.get("annotations")));
    }

    private static Map<String, String> texts(@Nullable Object value) {
        return map(value).entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> String.valueOf(entry.getValue())));
    }

    private static Stream<Map<String, Object>> maps(@Nullable Object value) {
        return value instanceof List<?> list ? list.stream().map(Alert::map) : Stream.empty();
    }

    private static Map<String, Object> map(@Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new AssertionError("no mapping: " + value);
        }
        return map.entrySet().stream().collect(Collectors.toMap(entry -> String.valueOf(entry.getKey()), Map.Entry::getValue));
    }
}
