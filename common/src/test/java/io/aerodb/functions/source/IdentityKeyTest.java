package io.aerodb.functions.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class IdentityKeyTest {

    private static final String CLAIMS = "{\"sub\": \"ålice\"}";
    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final IdentityKey key = new IdentityKey(IdentityKey.pad(SECRET, (byte) 0x36), IdentityKey.pad(SECRET, (byte) 0x5c));

    @Test
    void believesWhatWasSignedForTheTransaction() throws Exception {
        var message = signature("807|" + CLAIMS) + CLAIMS;
        assertEquals(Optional.of(CLAIMS), key.verified(807, message));
        assertEquals(Optional.empty(), key.verified(808, message));
        assertEquals(Optional.empty(), key.verified(807, message + " "));
        assertEquals(Optional.empty(), key.verified(807, "0".repeat(64) + CLAIMS));
        assertEquals(Optional.empty(), key.verified(807, CLAIMS));
        assertEquals(Optional.empty(), key.verified(807, ""));
    }

    private static String signature(String text) throws Exception {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    }
}
