package io.aerodb.functions.worker.database;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aerodb.functions.identity.Identity;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs a caller's claims together with a challenge of the session's, which holds for its next transaction only. In the database
 * {@code auth.jwt} checks that. Thread-safe.
 */
final class ClaimsSigner {

    private static final String ALGORITHM = "HmacSHA256";
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private final String keyId;
    private final Mac keyed;
    /** A function's queries come one after another from one caller. */
    private volatile Encoded last = new Encoded(Identity.ANONYMOUS, base64(Identity.ANONYMOUS));

    private record Encoded(Identity caller, String claims) {}

    ClaimsSigner(ClaimKeys keys) {
        this(keys.signing());
    }

    ClaimsSigner(ClaimKeys.ClaimKey key) {
        this.keyId = key.id();
        try {
            this.keyed = Mac.getInstance(ALGORITHM);
            keyed.init(new SecretKeySpec(key.bytes(), ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    /**
     * @param challenge that the session has got from {@code auth.challenge}
     * @return key, claims and signature, as {@code auth.enter} takes them
     */
    String sign(Identity caller, long challenge) {
        var claims = encoded(caller);
        return keyId + '.' + claims + '.' + HexFormat.of().formatHex(hmac(challenge + "|" + claims));
    }

    private String encoded(Identity caller) {
        var known = last;
        if (known.caller().equals(caller)) {
            return known.claims();
        }
        var claims = base64(caller);
        last = new Encoded(caller, claims);
        return claims;
    }

    private static String base64(Identity caller) {
        return Base64.getEncoder().encodeToString(claims(caller).getBytes(StandardCharsets.UTF_8));
    }

    /** The role and subject are what the identity says, whatever the claims do. */
    private static String claims(Identity caller) {
        try {
            if (!(MAPPER.readTree(caller.claims()) instanceof ObjectNode claims)) {
                throw new IllegalArgumentException("claims are one JSON object");
            }
            claims.put("role", caller.role().claim());
            if (caller.subject() != null) {
                claims.put("sub", caller.subject());
            } else {
                claims.remove("sub");
            }
            return claims.toString();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("claims are one JSON object", e);
        }
    }

    private byte[] hmac(String message) {
        try {
            return ((Mac) keyed.clone()).doFinal(message.getBytes(StandardCharsets.US_ASCII));
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's own " + ALGORITHM + " can be copied", e);
        }
    }
}
