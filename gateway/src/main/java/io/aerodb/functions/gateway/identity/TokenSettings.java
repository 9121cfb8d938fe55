package io.aerodb.functions.gateway.identity;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.configuration.Settings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens are believed.
 *
 * @param secret of HS256, at least 32 bytes; empty accepts no HS256
 * @param issuer the required {@code iss}; empty accepts any
 * @param audience one of the required {@code aud}; empty accepts any
 * @param clockSkew how far a token's times may be off
 * @param jwks the public keys of the other algorithms; null accepts none of those
 */
public record TokenSettings(Secret secret, String issuer, String audience, Duration clockSkew, @Nullable JwksSettings jwks) {

    private static final String SECRET_KEY = "gateway.jwt-secret";
    private static final int MIN_SECRET_BYTES = 32;

    /** HS256 only. */
    public TokenSettings(Secret secret, String issuer, String audience, Duration clockSkew) {
        this(secret, issuer, audience, clockSkew, null);
    }

    public static TokenSettings read(Settings settings) {
        var secret = settings.secret(SECRET_KEY,
                "Shared secret of HS256 tokens, at least 32 bytes; may be empty where there is a JWKS URL");
        var jwks = JwksSettings.read(settings);
        if (secret.value().isEmpty() && jwks == null) {
            settings.problem(SECRET_KEY, "is required where there is no valid " + Settings.variable(JwksSettings.URL_KEY));
        } else if (!secret.value().isEmpty() && secret.value().getBytes(StandardCharsets.UTF_8).length < MIN_SECRET_BYTES) {
            settings.problem(SECRET_KEY, "must have at least " + MIN_SECRET_BYTES + " bytes");
        }
        return new TokenSettings(
                secret,
                settings.text("gateway.jwt-issuer", "", "Required iss claim; empty accepts any"),
                settings.text("gateway.jwt-audience", "", "Required aud claim; empty accepts any"),
                settings.duration("gateway.jwt-clock-skew", Duration.ofSeconds(30), Duration.ZERO, Duration.ofMinutes(10),
                        "How far the times in a token may be off"),
                jwks);
    }
}
