package io.aerodb.functions.gateway.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;

/** From the text of a JSON Web Token to the identity it proves. Thread-safe. */
public final class TokenVerifier {

    /** Claims travel in a record header and in the guest's context: nobody needs more. */
    private static final int MAX_TOKEN_CHARS = 16_384;

    private final TokenSettings settings;
    private final Clock clock;
    private final JWSVerifier verifier;

    public TokenVerifier(TokenSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        try {
            this.verifier = new MACVerifier(settings.secret().value().getBytes(StandardCharsets.UTF_8));
        } catch (JOSEException e) {
            throw new IllegalArgumentException("the secret is too short for HS256", e);
        }
    }

    /** @throws InvalidTokenException if the token is malformed, not signed with our key, out of its time or not for us */
    public Identity verify(String token) throws InvalidTokenException {
        if (token.length() > MAX_TOKEN_CHARS) {
            throw new InvalidTokenException("the token is too long");
        }
        var claims = verifiedClaims(token);
        checkTimes(claims);
        checkAddressee(claims);
        var claimed = claims.getClaim("role");
        var role = (claimed instanceof String text ? Role.fromClaim(text) : Optional.<Role>empty())
                .orElseThrow(() -> new InvalidTokenException("the role claim must be anon, authenticated or service_role"));
        return new Identity(role, claims.getSubject(), JSONObjectUtils.toJSONString(claims.toJSONObject()));
    }

    private JWTClaimsSet verifiedClaims(String token) throws InvalidTokenException {
        try {
            var signed = JWSObject.parse(token);
            if (!signed.getHeader().getAlgorithm().equals(JWSAlgorithm.HS256)) {
                throw new InvalidTokenException("the token's algorithm is not accepted");
            }
            if (!signed.verify(verifier)) {
                throw new InvalidTokenException("the token's signature does not hold");
            }
            var claims = signed.getPayload().toJSONObject();
            if (claims == null) {
                throw new InvalidTokenException("the token is malformed");
            }
            return JWTClaimsSet.parse(claims);
        } catch (ParseException | JOSEException | IllegalArgumentException e) {
            throw new InvalidTokenException("the token is malformed");
        }
    }

    private void checkTimes(JWTClaimsSet claims) throws InvalidTokenException {
        var now = clock.instant();
        if (claims.getExpirationTime() == null) {
            throw new InvalidTokenException("the token never expires: an exp claim is required");
        }
        if (!now.isBefore(instant(claims.getExpirationTime()).plus(settings.clockSkew()))) {
            throw new InvalidTokenException("the token has expired");
        }
        if (claims.getNotBeforeTime() != null && now.isBefore(instant(claims.getNotBeforeTime()).minus(settings.clockSkew()))) {
            throw new InvalidTokenException("the token is not valid yet");
        }
    }

    private void checkAddressee(JWTClaimsSet claims) throws InvalidTokenException {
        if (!settings.issuer().isEmpty() && !settings.issuer().equals(claims.getIssuer())) {
            throw new InvalidTokenException("the token has another issuer");
        }
        if (!settings.audience().isEmpty() && !claims.getAudience().contains(settings.audience())) {
            throw new InvalidTokenException("the token is for another audience");
        }
    }

    private static Instant instant(Date date) {
        return date.toInstant();
    }
}
