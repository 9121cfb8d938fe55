package io.aerodb.functions.gateway.webhook;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Collection;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** One key of a sender. Thread-safe. */
final class SigningKey {

    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;

    /** @param bytes one at least */
    SigningKey(byte[] bytes) {
        this.key = new SecretKeySpec(bytes, ALGORITHM);
    }

    /** Whether one of the signatures is that of these bytes, one part after the other; takes as long whichever bytes differ. */
    boolean hasSigned(Collection<byte[]> signatures, byte[]... parts) {
        if (signatures.isEmpty()) {
            return false;
        }
        var expected = sign(parts);
        var found = false;
        for (var signature : signatures) {
            found |= MessageDigest.isEqual(expected, signature);
        }
        return found;
    }

    private byte[] sign(byte[]... parts) {
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            for (var part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HMAC-SHA256", e);
        }
    }

    @Override
    public String toString() {
        return "SigningKey[***]";
    }
}
