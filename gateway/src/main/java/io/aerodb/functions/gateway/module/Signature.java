package io.aerodb.functions.gateway.module;

import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** A function type, written {@code (i32, i32) -> i32} in messages. */
record Signature(List<ValueType> parameters, List<ValueType> results) {

    static final Signature NONE = new Signature(List.of(), List.of());

    Signature {
        parameters = List.copyOf(parameters);
        results = List.copyOf(results);
    }

    /** Of 32-bit integers only, as most of the host's functions are. */
    static Signature ofI32(int parameters, int results) {
        return new Signature(Collections.nCopies(parameters, ValueType.I32), Collections.nCopies(results, ValueType.I32));
    }

    /** How many values one use of it moves. */
    int arity() {
        return parameters.size() + results.size();
    }

    @Override
    public String toString() {
        return listed(parameters) + " -> " + (results.size() == 1 ? results.getFirst() : listed(results));
    }

    private static String listed(List<ValueType> types) {
        return types.stream().map(ValueType::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
