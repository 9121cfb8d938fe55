package io.aerodb.functions.function;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The name a function is deployed and called under.
 *
 * @param value lower-case letters, digits, {@code _} and {@code -}, starting with a letter, at most 63 characters, not a reserved word
 */
public record FunctionName(String value) implements Comparable<FunctionName> {

    /** Path segments that stand where a name may stand, so no function can take them. */
    public static final Set<String> RESERVED =
            Set.of("deploy", "invoke", "invocations", "webhooks", "replays", "dead-letters", "health", "metrics", "console");

    private static final Pattern PATTERN = Pattern.compile("[a-z][a-z0-9_-]{0,62}");

    /** @throws InvalidFunctionException with code {@code invalid_name} if the name breaks a rule */
    public FunctionName {
        if (!PATTERN.matcher(value).matches()) {
            throw new InvalidFunctionException("invalid_name", "the name '" + shortened(value)
                    + "' is not allowed: use 1 to 63 lower-case letters, digits, '_' or '-', starting with a letter");
        }
        if (RESERVED.contains(value)) {
            throw new InvalidFunctionException("invalid_name", "the name '" + value + "' is reserved");
        }
    }

    /** Empty if the text breaks a rule. */
    public static Optional<FunctionName> parse(String text) {
        try {
            return Optional.of(new FunctionName(text));
        } catch (InvalidFunctionException e) {
            return Optional.empty();
        }
    }

    @Override
    public int compareTo(FunctionName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }

    private static String shortened(String value) {
        return value.length() <= 80 ? value : value.substring(0, 80) + "…";
    }
}
