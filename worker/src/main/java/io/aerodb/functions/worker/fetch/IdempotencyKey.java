package io.aerodb.functions.worker.fetch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/** Tells a host that a request is the repetition of one it has seen: a retried invocation sends the same keys again. */
final class IdempotencyKey {

    static final String HEADER = "idempotency-key";

    private static final UUID NAMESPACE = UUID.fromString("5be2b8c4-0d5f-4a57-9a6e-6a3d4d0c5a11");

    private IdempotencyKey() {}

    /** A UUID version 5 (RFC 9562) of the invocation and the number of the fetch within it. */
    static UUID of(String scope, int sequence) {
        try {
            var sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(ByteBuffer.allocate(16)
                    .putLong(NAMESPACE.getMostSignificantBits())
                    .putLong(NAMESPACE.getLeastSignificantBits())
                    .flip());
            var hash = ByteBuffer.wrap(sha1.digest((scope + "/" + sequence).getBytes(StandardCharsets.UTF_8)));
            var high = hash.getLong() & ~0xF000L | 0x5000L;
            var low = hash.getLong() & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L;
            return new UUID(high, low);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-1", e);
        }
    }
}
