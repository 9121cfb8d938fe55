package io.aerodb.functions.gateway.module;

import java.util.Map;
import java.util.TreeMap;

/** What a module may import: this list, with these signatures, and nothing else. */
final class HostImports {

    private static final String NAMESPACE = "aerodb_v1";

    private static final Map<String, Signature> FUNCTIONS = new TreeMap<>(Map.of(
            "input_read", Signature.ofI32(2, 1),
            "context_read", Signature.ofI32(2, 1),
            "output_write", Signature.ofI32(2, 0),
            "env_get", Signature.ofI32(2, 1),
            "log", Signature.ofI32(3, 0),
            "result_read", Signature.ofI32(2, 1)));

    private HostImports() {}

    static void check(String module, String name, Signature actual) {
        var expected = module.equals(NAMESPACE) ? FUNCTIONS.get(name) : null;
        var shown = Refusal.quoted(module + '.' + name);
        if (expected == null) {
            throw Refusal.unknownImport("the import " + shown + " is not known: functions can be imported from " + NAMESPACE
                    + ", which has " + String.join(", ", FUNCTIONS.keySet()));
        }
        if (!expected.equals(actual)) {
            throw Refusal.unknownImport("the import " + shown + " must have the type " + expected + ", not " + actual);
        }
    }
}
