package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** When a call is to start: {@code Delay} in seconds, or {@code At} as a time of RFC 3339. */
final class StartTime {

    private static final String DELAY = "Delay";
    private static final String AT = "At";
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private StartTime() {}

    /**
     * Empty for at once, and for a time that has passed.
     *
     * @throws ProblemException 400 naming the header that is wrong
     */
    static Optional<Instant> of(MultiMap headers, Instant now, Duration longestDelay) {
        if (headers.getAll(DELAY).size() + headers.getAll(AT).size() > 1) {
            throw refused("send one of the headers Delay and At, and send it once");
        }
        var at = at(headers.get(DELAY), headers.get(AT), now);
        if (at.isAfter(now.plus(longestDelay))) {
            throw refused("the start is too far ahead: the longest delay is " + longestDelay.toSeconds() + " seconds");
        }
        return Optional.of(at).filter(now::isBefore);
    }

    private static Instant at(@Nullable String delay, @Nullable String at, Instant now) {
        if (delay != null) {
            if (!SECONDS.matcher(delay.strip()).matches()) {
                throw refused("the header Delay must be a whole number of seconds");
            }
            return now.plusSeconds(Long.parseLong(delay.strip()));
        }
        if (at == null) {
            return now;
        }
        try {
            return OffsetDateTime.parse(at.strip()).toInstant();
        } catch (DateTimeParseException e) {
            throw refused("the header At must be a time with its offset, such as 2026-01-31T08:00:00Z");
        }
    }

    private static ProblemException refused(String detail) {
        return new ProblemException(Problem.invalidRequest(detail));
    }
}
