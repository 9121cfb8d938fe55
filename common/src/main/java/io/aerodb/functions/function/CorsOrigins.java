package io.aerodb.functions.function;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * From which web pages a function may be called by a browser.
 *
 * @param entries origins such as {@code https://app.example.com}, or {@code *} for all; none for no page
 */
public record CorsOrigins(List<String> entries) {

    public static final CorsOrigins ANY = new CorsOrigins(List.of("*"));

    private static final int MAX_ENTRIES = 100;
    private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]{0,30}://[a-z0-9.:\\[\\]_-]{1,255}");

    public CorsOrigins {
        entries = List.copyOf(entries);
    }

    /** @throws InvalidFunctionException naming the first entry that is wrong */
    static CorsOrigins parse(List<String> entries) {
        if (entries.size() > MAX_ENTRIES) {
            throw invalid("config.cors_origins has " + entries.size() + " entries, allowed are " + MAX_ENTRIES);
        }
        for (var entry : entries) {
            if (!entry.equals("*") && !ORIGIN.matcher(entry).matches()) {
                throw invalid("config.cors_origins has '" + FunctionConfigJson.shortened(entry)
                        + "': write an origin as browsers send it, such as https://app.example.com, in lower case and without a path, or *");
            }
        }
        return new CorsOrigins(entries);
    }

    /** What a browser is told for a page of this origin: {@code *}, the origin, or nothing. */
    public Optional<String> allowed(String origin) {
        return entries.contains("*") ? Optional.of("*") : Optional.of(origin).filter(entries::contains);
    }

    private static InvalidFunctionException invalid(String message) {
        return new InvalidFunctionException("invalid_request", message);
    }
}
