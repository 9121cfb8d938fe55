package io.aerodb.functions.gateway.module;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a module may import: this list, with these signatures, and nothing else. */
final class HostImports {

    private static final Map<String, Map<String, Signature>> FUNCTIONS = new TreeMap<>(Map.of(
            "aerodb_v1", new TreeMap<>(Map.of(
                    "input_read", Signature.ofI32(2, 1),
                    "context_read", Signature.ofI32(2, 1),
                    "output_write", Signature.ofI32(2, 0),
                    "db_query", Signature.ofI32(4, 1),
                    "http_fetch", Signature.ofI32(2, 1),
                    "env_get", Signature.ofI32(2, 1),
                    "log", Signature.ofI32(3, 0),
                    "result_read", Signature.ofI32(2, 1))),
            "env", new TreeMap<>(Map.of(
                    "db_query", Signature.ofI32(2, 1),
                    "result_read", Signature.ofI32(2, 1))),
            WasiImports.MODULE, WasiImports.FUNCTIONS));

    private HostImports() {}

    static void check(String module, String name, Signature actual) {
        var expected = FUNCTIONS.getOrDefault(module, Map.of()).get(name);
        var shown = Refusal.quoted(module + '.' + name);
        if (expected == null) {
            throw Refusal.unknownImport("the import " + shown + " is not known: functions can be imported from " + listed());
        }
        if (!expected.equals(actual)) {
            throw Refusal.unknownImport("the import " + shown + " must have the type " + expected + ", not " + actual);
        }
    }

    private static String listed() {
        return FUNCTIONS.entrySet().stream()
                .filter(namespace -> !namespace.getKey().equals(WasiImports.MODULE))
                .map(namespace -> namespace.getKey() + ", which has " + String.join(", ", namespace.getValue().keySet()))
                .collect(Collectors.joining(", and from ", "", ", and from WASI's " + WasiImports.MODULE));
    }
}
