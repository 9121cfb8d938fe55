package io.aerodb.functions.gateway.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** JSON Web Tokens put together by hand, so that they can be wrong in every way. */
final class Tokens {

    static final String SECRET = "a-secret-of-at-least-32-bytes-for-tests";
    static final String HS256 = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

    private Tokens() {}

    static String signed(String payload) {
        return signed(HS256, payload, "HmacSHA256", SECRET);
    }

    static String signed(String header, String payload, String mac, String secret) {
        var input = encoded(header) + "." + encoded(payload);
        return input + "." + signature(input, mac, secret);
    }

    static String signature(String input, String mac, String secret) {
        try {
            var signer = Mac.getInstance(mac);
            signer.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), mac));
            return encoded(signer.doFinal(input.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static String encoded(String text) {
        return encoded(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
