package io.aerodb.functions.function;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Which variables are secrets by their name, and what is shown in place of their values. */
public final class SensitiveKeys {

    public static final String REDACTED = "***REDACTED***";

    private static final List<String> MARKS = List.of("API_KEY", "APIKEY", "SECRET", "PASSWORD", "TOKEN");

    private SensitiveKeys() {}

    public static boolean isSensitive(String key) {
        var upper = key.toUpperCase(Locale.ROOT);
        return MARKS.stream().anyMatch(upper::contains);
    }

    /** The same variables, in the order of their names, with the values of sensitive ones replaced. */
    public static Map<String, String> redacted(Map<String, String> variables) {
        var shown = new TreeMap<String, String>();
        variables.forEach((key, value) -> shown.put(key, isSensitive(key) ? REDACTED : value));
        return shown;
    }
}
