package io.aerodb.functions.invocation;

import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** Names one invocation everywhere: record, reply, row, log line, response header. */
public record InvocationId(@JsonValue UUID value) {

    private static final SecureRandom RANDOM = new SecureRandom();

    /** A UUID version 7 (RFC 9562): sortable by time, with 74 random bits. */
    public static InvocationId at(Instant time) {
        var high = (time.toEpochMilli() << 16) | 0x7000L | (RANDOM.nextLong() & 0x0fffL);
        var low = (RANDOM.nextLong() >>> 2) | 0x8000_0000_0000_0000L;
        return new InvocationId(new UUID(high, low));
    }

    /**
     * A UUID version 5 (RFC 9562): the same source and parts always give the same id, so that a repeat can be told from something new.
     *
     * @param namespace the source
     * @param parts go in with their lengths, so that no two lists give the same id
     */
    public static InvocationId named(UUID namespace, String... parts) {
        try {
            var sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(ByteBuffer.allocate(16).putLong(namespace.getMostSignificantBits()).putLong(namespace.getLeastSignificantBits()).flip());
            for (var part : parts) {
                var bytes = part.getBytes(StandardCharsets.UTF_8);
                sha1.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
                sha1.update(bytes);
            }
            var hash = ByteBuffer.wrap(sha1.digest());
            var high = (hash.getLong() & 0xffff_ffff_ffff_0fffL) | 0x5000L;
            var low = (hash.getLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
            return new InvocationId(new UUID(high, low));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }

    public static Optional<InvocationId> parse(String text) {
        try {
            var uuid = UUID.fromString(text);
            return uuid.toString().equalsIgnoreCase(text) ? Optional.of(new InvocationId(uuid)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether it was made by {@link #named}, which may have been at any time. */
    public boolean isNamed() {
        return value.version() == 5;
    }

    /** When it was made, to the millisecond; empty for an id that does not tell. */
    public Optional<Instant> time() {
        return value.version() == 7 ? Optional.of(Instant.ofEpochMilli(value.getMostSignificantBits() >>> 16)) : Optional.empty();
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
