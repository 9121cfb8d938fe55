package io.aerodb.functions.gateway.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What a token's signature is checked with: the shared secret for HS256 and only for that, a public key of the issuer for the
 * others. Keys that the header itself brings or points to ({@code jwk}, {@code jku}, {@code x5c}, {@code x5u}) count for nothing.
 */
final class TrustedKeys implements AutoCloseable {

    private final @Nullable JWSVerifier secret;
    private final @Nullable JwksFetch fetch;
    private final @Nullable IssuerKeys issuer;

    /** @throws IllegalArgumentException if there is neither a secret nor a key set, or the secret is too short */
    TrustedKeys(TokenSettings settings, Clock clock) {
        var jwks = settings.jwks();
        if (settings.secret().value().isEmpty() && jwks == null) {
            throw new IllegalArgumentException("there is neither a secret nor a key set");
        }
        try {
            secret = settings.secret().value().isEmpty() ? null
                    : new MACVerifier(settings.secret().value().getBytes(StandardCharsets.UTF_8));
        } catch (JOSEException e) {
            throw new IllegalArgumentException("the secret is too short for HS256", e);
        }
        if (jwks == null) {
            fetch = null;
            issuer = null;
        } else {
            var source = new JwksFetch(jwks.url());
            fetch = source;
            issuer = new IssuerKeys(jwks, source::fetch, clock);
        }
    }

    /** @throws UnavailableException if the key can only come from the issuer, and that is away */
    JWSVerifier find(JWSHeader header) throws InvalidTokenException {
        if (header.getIncludedParams().contains("crit") || !header.isBase64URLEncodePayload()) {
            throw new InvalidTokenException("the token's header demands what is not supported");
        }
        if (secret != null && JWSAlgorithm.HS256.equals(header.getAlgorithm())) {
            return secret;
        }
        if (issuer != null && KeySet.ALGORITHMS.contains(header.getAlgorithm())) {
            return issuer.find(header).orElseThrow(() -> new InvalidTokenException("the token's key is none of its issuer's"));
        }
        throw new InvalidTokenException("the token's algorithm is not accepted");
    }

    /** Whether a key that was found here would be found again. */
    boolean stillHolds(JWSVerifier key) {
        return key == secret || issuer != null && issuer.stillHolds(key);
    }

    /** What to wait for before {@link #find}; empty where waiting is of no use. */
    Optional<CompletionStage<Void>> awaited(JWSHeader header) {
        return issuer == null || !KeySet.ALGORITHMS.contains(header.getAlgorithm()) ? Optional.empty() : issuer.awaited(header);
    }

    /** Whether keys come from an issuer at all. */
    boolean haveIssuer() {
        return issuer != null;
    }

    @Override
    public void close() {
        if (fetch != null) {
            fetch.close();
        }
    }
}
