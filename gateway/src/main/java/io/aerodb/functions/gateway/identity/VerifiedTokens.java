package io.aerodb.functions.gateway.identity;

import com.nimbusds.jose.JWSVerifier;
import io.aerodb.functions.identity.Identity;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The tokens that were verified of late, by their digest, so that a caller who comes again costs no check of a signature.
 * Whoever finds one must still ask for its time and its key. Thread-safe.
 */
final class VerifiedTokens {

    private static final int MAX_TOKENS = 4096;
    /** Longer ones are verified each time, which bounds the memory. */
    private static final int MAX_TOKEN_CHARS = 4096;

    private final Map<ByteBuffer, Verified> byDigest = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Verified> eldest) {
            return size() > MAX_TOKENS;
        }
    };

    /**
     * What a token proved.
     *
     * @param end when it is no longer believed, the skew of clocks included
     * @param key what its signature was checked with
     */
    record Verified(Identity identity, Instant end, JWSVerifier key) {}

    Optional<Verified> find(String token) {
        if (token.length() > MAX_TOKEN_CHARS) {
            return Optional.empty();
        }
        var digest = digest(token);
        synchronized (byDigest) {
            return Optional.ofNullable(byDigest.get(digest));
        }
    }

    void remember(String token, Verified verified) {
        if (token.length() <= MAX_TOKEN_CHARS) {
            var digest = digest(token);
            synchronized (byDigest) {
                byDigest.put(digest, verified);
            }
        }
    }

    int size() {
        synchronized (byDigest) {
            return byDigest.size();
        }
    }

    private static ByteBuffer digest(String token) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
