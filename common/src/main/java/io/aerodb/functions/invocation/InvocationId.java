package io.aerodb.functions.invocation;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** Names one invocation everywhere: record, reply, row, log line, response header. */
public record InvocationId(UUID value) {

    private static final SecureRandom RANDOM = new SecureRandom();

    /** A UUID version 7 (RFC 9562): sortable by time, with 74 random bits. */
    public static InvocationId at(Instant time) {
        var high = (time.toEpochMilli() << 16) | 0x7000L | (RANDOM.nextLong() & 0x0fffL);
        var low = (RANDOM.nextLong() >>> 2) | 0x8000_0000_0000_0000L;
        return new InvocationId(new UUID(high, low));
    }

    public static Optional<InvocationId> parse(String text) {
        try {
            var uuid = UUID.fromString(text);
            return uuid.toString().equalsIgnoreCase(text) ? Optional.of(new InvocationId(uuid)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
