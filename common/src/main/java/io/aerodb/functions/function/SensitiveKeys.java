package io.aerodb.functions.function;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Which variables are secrets by their name, and what is shown in place of their values. */
public final class SensitiveKeys {

    public static final String REDACTED = "***REDACTED***";

    /** A regular expression that is found, whatever the case, in the name of a sensitive variable; Java and PostgreSQL read it alike. */
    static final String PATTERN = "API_?KEY|SECRET|PASSWORD|TOKEN";

    private static final Pattern COMPILED = Pattern.compile(PATTERN, Pattern.CASE_INSENSITIVE);

    private SensitiveKeys() {}

    public static boolean isSensitive(String key) {
        return COMPILED.matcher(key).find();
    }

    /** The same variables, in the order of their names, with the values of sensitive ones replaced. */
    public static Map<String, String> redacted(Map<String, String> variables) {
        var shown = new TreeMap<String, String>();
        variables.forEach((key, value) -> shown.put(key, isSensitive(key) ? REDACTED : value));
        return shown;
    }
}
