package io.aerodb.functions.gateway.webhook;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * When a sender says that it has signed.
 *
 * @param text as it was signed
 */
record UnixSeconds(String text) {

    private static final Pattern FORM = Pattern.compile("[0-9]{1,11}");

    static Optional<UnixSeconds> parse(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new UnixSeconds(text)) : Optional.empty();
    }

    /** Whether it is no further from now than this, before or after. */
    boolean isWithin(Duration tolerance, Instant now) {
        return Duration.between(Instant.ofEpochSecond(Long.parseLong(text)), now).abs().compareTo(tolerance) <= 0;
    }
}
