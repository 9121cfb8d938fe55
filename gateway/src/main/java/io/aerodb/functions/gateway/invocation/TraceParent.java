package io.aerodb.functions.gateway.invocation;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The W3C trace context header: only a well-formed one is carried on. */
final class TraceParent {

    private static final Pattern FORM = Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private TraceParent() {}

    static Optional<String> valid(@Nullable String header) {
        return Optional.ofNullable(header).filter(text -> FORM.matcher(text).matches());
    }
}
