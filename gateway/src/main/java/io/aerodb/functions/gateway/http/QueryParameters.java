package io.aerodb.functions.gateway.http;

import io.vertx.core.MultiMap;
import java.util.Optional;
import java.util.Set;

/** The query string of a request, read strictly: an unknown or repeated parameter is an error, not a silent no-op. */
public record QueryParameters(MultiMap parameters) {

    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;

    /** @throws ProblemException 400 naming a parameter that is unknown or stands twice */
    public void allowOnly(Set<String> allowed) {
        for (var name : parameters.names()) {
            if (!allowed.contains(name)) {
                throw new ProblemException(Problem.invalidRequest("there is no query parameter '" + name + "' here"));
            }
            if (parameters.getAll(name).size() > 1) {
                throw new ProblemException(Problem.invalidRequest("the query parameter '" + name + "' stands twice"));
            }
        }
    }

    public Optional<String> text(String name) {
        return Optional.ofNullable(parameters.get(name));
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
