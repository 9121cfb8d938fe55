package io.aerodb.functions.gateway.identity;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.configuration.Settings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Which tokens are believed.
 *
 * @param secret of HS256, at least 32 bytes
 * @param issuer the required {@code iss}; empty accepts any
 * @param audience one of the required {@code aud}; empty accepts any
 * @param clockSkew how far a token's times may be off
 */
public record TokenSettings(Secret secret, String issuer, String audience, Duration clockSkew) {

    private static final int MIN_SECRET_BYTES = 32;

    public static TokenSettings read(Settings settings) {
        var secret = settings.requiredSecret("gateway.jwt-secret", "Shared secret of HS256 tokens, at least 32 bytes");
        if (!secret.value().isEmpty() && secret.value().getBytes(StandardCharsets.UTF_8).length < MIN_SECRET_BYTES) {
            settings.problem("gateway.jwt-secret", "must have at least " + MIN_SECRET_BYTES + " bytes");
        }
        return new TokenSettings(
                secret,
                settings.text("gateway.jwt-issuer", "", "Required iss claim; empty accepts any"),
                settings.text("gateway.jwt-audience", "", "Required aud claim; empty accepts any"),
                settings.duration("gateway.jwt-clock-skew", Duration.ofSeconds(30), Duration.ZERO, Duration.ofMinutes(10),
                        "How far the times in a token may be off"));
    }
}
