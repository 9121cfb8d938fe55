package io.aerodb.functions.source;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** With what is signed that we put into the log of the application's database, for one transaction each. Never in a log. */
public final class IdentityKey {

    /** Prefix of the message in the log that says who makes the changes after it, in the same transaction. */
    public static final String MESSAGE = "aerodb.identity";

    private static final int BLOCK_BYTES = 64;
    private static final int SIGNATURE_CHARS = 64;

    private final byte[] ipad;
    private final byte[] opad;

    IdentityKey(byte[] ipad, byte[] opad) {
        this.ipad = ipad;
        this.opad = opad;
    }

    /**
     * What a message says, if it was signed for this transaction.
     *
     * @param transaction the lower 32 bits of its id
     */
    public Optional<String> verified(long transaction, String message) {
        if (message.length() <= SIGNATURE_CHARS) {
            return Optional.empty();
        }
        var said = message.substring(SIGNATURE_CHARS);
        var expected = HexFormat.of().formatHex(sha256(opad, sha256(ipad, (transaction + "|" + said).getBytes(StandardCharsets.UTF_8))));
        var given = message.substring(0, SIGNATURE_CHARS);
        return MessageDigest.isEqual(expected.getBytes(StandardCharsets.US_ASCII), given.getBytes(StandardCharsets.UTF_8))
                ? Optional.of(said)
                : Optional.empty();
    }

    /** Whether what the one signs the other verifies. */
    public boolean isSame(IdentityKey other) {
        return MessageDigest.isEqual(ipad, other.ipad);
    }

    static byte[] pad(byte[] key, byte with) {
        var padded = Arrays.copyOf(key, BLOCK_BYTES);
        for (var i = 0; i < padded.length; i++) {
            padded[i] ^= with;
        }
        return padded;
    }

    private static byte[] sha256(byte[] pad, byte[] message) {
        try {
            var sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(pad);
            return sha256.digest(message);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
