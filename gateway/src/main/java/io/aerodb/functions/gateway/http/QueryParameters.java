package io.aerodb.functions.gateway.http;

import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The query string of a request, read strictly: an unknown or repeated parameter is an error, not a silent no-op. */
public record QueryParameters(MultiMap parameters) {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s)");
    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;

    /** @throws ProblemException 400 naming a parameter that is unknown, stands twice or contains NUL */
    public void allowOnly(Set<String> allowed) {
        for (var name : parameters.names()) {
            if (!allowed.contains(name)) {
                throw new ProblemException(Problem.invalidRequest("there is no query parameter '" + name + "' here"));
            }
            if (parameters.getAll(name).size() > 1) {
                throw new ProblemException(Problem.invalidRequest("the query parameter '" + name + "' stands twice"));
            }
            if (parameters.get(name).indexOf('\0') >= 0) { // PostgreSQL knows no such text
                throw new ProblemException(Problem.invalidRequest("the query parameter '" + name + "' contains NUL"));
            }
        }
    }

    public Optional<String> text(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    /**
     * A parameter such as {@code 5s} or {@code 500ms}; zero where it is left out.
     *
     * @throws ProblemException 400 if it is something else, or more than {@code most}
     */
    public Duration duration(String name, Duration most) {
        var text = text(name);
        if (text.isEmpty()) {
            return Duration.ZERO;
        }
        var parts = DURATION.matcher(text.get());
        if (parts.matches()) {
            var number = Long.parseLong(parts.group(1));
            var duration = parts.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number);
            if (duration.compareTo(most) <= 0) {
                return duration;
            }
        }
        throw new ProblemException(Problem.invalidRequest(
                "the query parameter '" + name + "' is not a time such as 5s or 500ms, at most " + most.toSeconds() + "s"));
    }

    /** The parameter {@code limit}, 50 by default, 1 to 500. */
    public int limit() {
        var text = text("limit");
        if (text.isEmpty()) {
            return DEFAULT_LIMIT;
        }
        try {
            var limit = Integer.parseInt(text.get());
            if (limit >= 1 && limit <= MAX_LIMIT) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // answered below, like a number out of range
        }
        throw new ProblemException(Problem.invalidRequest("the query parameter 'limit' is not an integer from 1 to " + MAX_LIMIT));
    }
}
