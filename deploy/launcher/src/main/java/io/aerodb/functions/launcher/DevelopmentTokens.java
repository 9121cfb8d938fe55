package io.aerodb.functions.launcher;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.aerodb.functions.identity.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/** Makes tokens for trying things out; in production they come from an identity provider. */
public final class DevelopmentTokens {

    private final String secret;

    /** @param secret shared with the gateway, at least 32 bytes */
    public DevelopmentTokens(String secret) {
        this.secret = secret;
    }

    /** @param subject the {@code sub} claim, or null for none */
    public String token(Role role, @Nullable String subject, Duration life) {
        var now = Instant.now();
        var claims = new JWTClaimsSet.Builder()
                .issuer("aerofn-development")
                .claim("role", role.claim())
                .subject(subject)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(life)))
                .build();
        try {
            var token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
            token.sign(new MACSigner(secret));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("a secret of ours is long enough for HS256", e);
        }
    }
}
