package io.aerodb.functions.kafka;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * An HMAC-SHA256 before bytes that are kept where others may write. Its keys are derived from the record keys for one
 * purpose, so what was sealed for another does not open. The first record key seals, all of them open. Thread-safe.
 */
public final class ContentSeal {

    private static final String HMAC = "HmacSHA256";
    private static final int HMAC_BYTES = 32;

    private final RecordKeys keys;
    private final byte[] purpose;

    /** @param purpose what is sealed, in a word that no other use has */
    public ContentSeal(RecordKeys keys, String purpose) {
        this.keys = keys;
        this.purpose = purpose.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The key's id with its length before it, the HMAC, and the content.
     *
     * @param content in parts, which become one
     */
    public byte[] seal(byte[]... content) {
        var key = keys.sealing();
        var id = key.id().getBytes(StandardCharsets.US_ASCII);
        var start = Short.BYTES + id.length + HMAC_BYTES;
        var sealed = ByteBuffer.allocate(start + Arrays.stream(content).mapToInt(part -> part.length).sum());
        sealed.position(start);
        Arrays.stream(content).forEach(sealed::put);
        var mac = hmac(key.key(), sealed.slice(start, sealed.capacity() - start));
        return sealed.rewind().putShort((short) id.length).put(id).put(mac).array();
    }

    /** The content, as a view of the bytes given; empty if no key of ours sealed it as it is. */
    public Optional<ByteBuffer> open(byte[] sealed) {
        var rest = ByteBuffer.wrap(sealed).asReadOnlyBuffer();
        var idLength = rest.remaining() < Short.BYTES ? 0 : Short.toUnsignedInt(rest.getShort());
        if (rest.remaining() < idLength + HMAC_BYTES) {
            return Optional.empty();
        }
        var id = new byte[idLength];
        var given = new byte[HMAC_BYTES];
        rest.get(id).get(given);
        var content = rest.slice();
        return keys.opening(new String(id, StandardCharsets.US_ASCII))
                .filter(key -> MessageDigest.isEqual(given, hmac(key, content.duplicate())))
                .map(_ -> content);
    }

    private byte[] hmac(SecretKey recordKey, ByteBuffer content) {
        try {
            var derivation = HKDFParameterSpec.ofExtract().addIKM(recordKey).thenExpand(purpose, HMAC_BYTES);
            var mac = Mac.getInstance(HMAC);
            mac.init(KDF.getInstance("HKDF-SHA256").deriveKey(HMAC, derivation));
            mac.update(content);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HMAC and HKDF with SHA-256", e);
        }
    }
}
