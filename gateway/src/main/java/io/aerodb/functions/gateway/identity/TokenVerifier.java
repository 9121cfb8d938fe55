package io.aerodb.functions.gateway.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import io.aerodb.functions.gateway.identity.VerifiedTokens.Verified;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** From the text of a JSON Web Token to the identity it proves. Thread-safe; never waits. */
public final class TokenVerifier implements AutoCloseable {

    /** Claims travel in a record header and in the guest's context: nobody needs more. */
    private static final int MAX_TOKEN_CHARS = 16_384;

    private final TokenSettings settings;
    private final Clock clock;
    private final TrustedKeys keys;
    private final VerifiedTokens verified = new VerifiedTokens();

    /** @throws IllegalArgumentException if the settings name nothing to check signatures with, or a secret that is too short */
    public TokenVerifier(TokenSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.keys = new TrustedKeys(settings, clock);
    }

    /**
     * @throws InvalidTokenException if the token is malformed, not signed with a key we trust, out of its time or not for us
     * @throws UnavailableException if its key can only come from the issuer, and that is away
     */
    public Identity verify(String token) throws InvalidTokenException {
        if (token.length() > MAX_TOKEN_CHARS) {
            throw new InvalidTokenException("the token is too long");
        }
        var before = verified.find(token);
        if (before.isPresent() && clock.instant().isBefore(before.get().end()) && keys.stillHolds(before.get().key())) {
            return before.get().identity();
        }
        var now = checked(token);
        verified.remember(token, now);
        return now.identity();
    }

    /** Completes when the token's key has been fetched, or cannot be; empty if there is nothing to wait for. */
    Optional<CompletionStage<Void>> awaitedKey(String token) {
        return !keys.haveIssuer() || token.length() > MAX_TOKEN_CHARS ? Optional.empty() : header(token).flatMap(keys::awaited);
    }

    /** Breaks off a fetch of keys that is under way. */
    @Override
    public void close() {
        keys.close();
    }

    private Verified checked(String token) throws InvalidTokenException {
        var signed = parsed(token);
        try {
            var key = keys.find(signed.getHeader());
            var claims = verifiedClaims(signed, key);
            checkTimes(claims);
            checkAddressee(claims);
            return new Verified(identity(claims), end(claims), key);
        } catch (ParseException | JOSEException | IllegalArgumentException e) {
            throw new InvalidTokenException("the token is malformed");
        }
    }

    private static JWSObject parsed(String token) throws InvalidTokenException {
        try {
            return JWSObject.parse(token);
        } catch (ParseException | RuntimeException e) { // some nonsense ends in a null pointer inside the library
            throw new InvalidTokenException("the token is malformed");
        }
    }

    /** Empty for what will be refused as malformed. */
    private static Optional<JWSHeader> header(String token) {
        try {
            return Optional.of(JWSHeader.parse(new Base64URL(token.substring(0, Math.max(0, token.indexOf('.'))))));
        } catch (ParseException | RuntimeException e) { // as above
            return Optional.empty();
        }
    }

    private static JWTClaimsSet verifiedClaims(JWSObject signed, JWSVerifier key)
            throws InvalidTokenException, JOSEException, ParseException {
        if (!signed.verify(key)) {
            throw new InvalidTokenException("the token's signature does not hold");
        }
        var claims = signed.getPayload().toJSONObject();
        if (claims == null) {
            throw new InvalidTokenException("the token is malformed");
        }
        return JWTClaimsSet.parse(claims);
    }

    private static Identity identity(JWTClaimsSet claims) throws InvalidTokenException {
        var claimed = claims.getClaim("role");
        var role = (claimed instanceof String text ? Role.fromClaim(text) : Optional.<Role>empty())
                .orElseThrow(() -> new InvalidTokenException("the role claim must be anon, authenticated or service_role"));
        return new Identity(role, claims.getSubject(), JSONObjectUtils.toJSONString(claims.toJSONObject()));
    }

    private void checkTimes(JWTClaimsSet claims) throws InvalidTokenException {
        var now = clock.instant();
        if (claims.getExpirationTime() == null) {
            throw new InvalidTokenException("the token never expires: an exp claim is required");
        }
        if (!now.isBefore(end(claims))) {
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

    private Instant end(JWTClaimsSet claims) {
        return instant(claims.getExpirationTime()).plus(settings.clockSkew());
    }

    private static Instant instant(Date date) {
        return date.toInstant();
    }
}
