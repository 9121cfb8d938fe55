package io.aerodb.functions.system.packaging;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** A value of a YAML document: mostly a mapping, of which members are asked by their names. */
record Yaml(@Nullable Object value) {

    static Yaml parse(String text) {
        return new Yaml(new org.yaml.snakeyaml.Yaml().load(text));
    }

    /** Every document of a stream; those that are empty are left out. */
    static List<Yaml> parseAll(String text) {
        return StreamSupport.stream(new org.yaml.snakeyaml.Yaml().loadAll(text).spliterator(), false)
                .map(Yaml::new).filter(Yaml::isThere).toList();
    }

    boolean isThere() {
        return value != null;
    }

    /** A member, which may not be there; of what is not there, nothing is there. */
    Yaml at(String... path) {
        var at = value;
        for (var name : path) {
            at = at instanceof Map<?, ?> mapping ? mapping.get(name) : null;
        }
        return new Yaml(at);
    }

    String text() {
        return String.valueOf(value);
    }

    int integer() {
        return Integer.parseInt(text());
    }

    /** The members of a mapping by their names; none if it is not there. */
    Map<String, Yaml> members() {
        var members = new LinkedHashMap<String, Yaml>();
        if (value instanceof Map<?, ?> mapping) {
            mapping.forEach((name, member) -> members.put(String.valueOf(name), new Yaml(member)));
        }
        return members;
    }

    /** The elements of a list; none if it is not there. */
    List<Yaml> elements() {
        return value instanceof List<?> list ? list.stream().map(Yaml::new).toList() : List.of();
    }
}
