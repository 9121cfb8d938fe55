package io.aerodb.functions.secret;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/** Encrypts and decrypts single values with AES-256-GCM. Thread-safe. */
public final class SecretsCipher {

    private static final String ALGORITHM = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;

    private final SecretsKeys keys;
    private final SecureRandom random = new SecureRandom();

    public SecretsCipher(SecretsKeys keys) {
        this.keys = keys;
    }

    /**
     * Where a value belongs. It is authenticated with the value, so that one that is moved to another function, name or kind in
     * the tables cannot be decrypted there.
     */
    public record Place(Kind kind, UUID functionId, String key) {

        public enum Kind {
            /** Set by itself, outlives versions. */
            SECRET,
            /** A variable of a version's configuration. */
            VARIABLE
        }

        private byte[] bytes() {
            return (kind + "/" + functionId + "/" + key).getBytes(StandardCharsets.UTF_8);
        }
    }

    /** Whether a value can be encrypted: whether there is a key. */
    public boolean canSeal() {
        return keys.firstId().isPresent();
    }

    /** The id of the key that encrypts; empty if there is none. */
    public Optional<String> currentKeyId() {
        return keys.firstId();
    }

    /** @throws java.util.NoSuchElementException if there is no key; ask {@link #canSeal} before */
    public SealedValue seal(Place place, String value) {
        var keyId = keys.firstId().orElseThrow();
        var nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            var ciphertext = cipher(Cipher.ENCRYPT_MODE, keys.encrypting(), nonce, place).doFinal(value.getBytes(StandardCharsets.UTF_8));
            return new SealedValue(keyId, HexFormat.of().formatHex(nonce) + HexFormat.of().formatHex(ciphertext));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-GCM", e);
        }
    }

    /** @throws UnreadableSecretException if its key is not configured, or it was not sealed for this place */
    public String open(Place place, SealedValue value) {
        var key = keys.decrypting(value).orElseThrow(() -> UnreadableSecretException.missingKey(value.keyId()));
        try {
            var bytes = HexFormat.of().parseHex(value.hex());
            if (bytes.length < NONCE_BYTES + TAG_BYTES) {
                throw UnreadableSecretException.damaged(value.keyId());
            }
            var nonce = Arrays.copyOf(bytes, NONCE_BYTES);
            return new String(cipher(Cipher.DECRYPT_MODE, key, nonce, place).doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES), StandardCharsets.UTF_8);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw UnreadableSecretException.damaged(value.keyId());
        }
    }

    /** The same value under the key that encrypts now; what cannot be decrypted here stays as it is. */
    public SealedValue renewed(Place place, SealedValue value) {
        if (!canSeal() || keys.firstId().filter(value.keyId()::equals).isPresent()) {
            return value;
        }
        try {
            return seal(place, open(place, value));
        } catch (UnreadableSecretException e) {
            return value;
        }
    }

    private static Cipher cipher(int mode, SecretKey key, byte[] nonce, Place place) throws GeneralSecurityException {
        var cipher = Cipher.getInstance(ALGORITHM);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * 8, nonce));
        cipher.updateAAD(place.bytes());
        return cipher;
    }
}
