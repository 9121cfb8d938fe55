package io.aerodb.functions.kafka;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.SortedMap;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * An HMAC-SHA256 over a request's attributes and payload: whoever can write to the topic but holds no key can neither make
 * a request nor change one. Attributes go in sorted by name, each part with its length before it, so no two requests share
 * their bytes.
 */
final class RecordSeal {

    private final RecordKeys keys;

    RecordSeal(RecordKeys keys) {
        this.keys = keys;
    }

    /** The seal's text: the key's id, a colon, and the HMAC in base64url. */
    String seal(SortedMap<String, byte[]> attributes, byte[] payload) {
        var key = keys.sealing();
        return key.id() + ":" + Base64.getUrlEncoder().withoutPadding().encodeToString(hmac(key.key(), attributes, payload));
    }

    boolean verify(String seal, SortedMap<String, byte[]> attributes, byte[] payload) {
        var colon = seal.indexOf(':');
        if (colon < 0) {
            return false;
        }
        try {
            var given = Base64.getUrlDecoder().decode(seal.substring(colon + 1));
            return keys.opening(seal.substring(0, colon))
                    .map(key -> MessageDigest.isEqual(given, hmac(key, attributes, payload)))
                    .orElse(false);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static byte[] hmac(SecretKey key, SortedMap<String, byte[]> attributes, byte[] payload) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            attributes.forEach((name, value) -> {
                update(mac, name.getBytes(StandardCharsets.UTF_8));
                update(mac, value);
            });
            update(mac, payload);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    private static void update(Mac mac, byte[] part) {
        mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, part.length));
        mac.update(part);
    }
}
