package io.aerodb.functions.gateway.idempotency;

import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.identity.Role;
import io.vertx.core.http.HttpServerRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The header {@code Idempotency-Key}: requests of one caller that carry the same one are one request.
 *
 * @param value 1 to 255 characters of printable ASCII
 */
public record IdempotencyKey(String value) {

    private static final String HEADER = "Idempotency-Key";
    private static final Pattern FORM = Pattern.compile("[\\x20-\\x7e]{1,255}");
    /** Callers that cannot be told apart share one name space, so theirs must be hard to guess. */
    private static final int SHORTEST_WITHOUT_SUBJECT = 16;

    /** @throws ProblemException 400 if there is more than one, or it is of another form */
    public static Optional<IdempotencyKey> of(HttpServerRequest request) {
        var values = request.headers().getAll(HEADER);
        if (values.isEmpty()) {
            return Optional.empty();
        }
        if (values.size() > 1 || !FORM.matcher(values.getFirst()).matches()) {
            throw new ProblemException(Problem.invalidRequest("the header Idempotency-Key is one value of 1 to 255 characters of printable ASCII"));
        }
        return Optional.of(new IdempotencyKey(values.getFirst()));
    }

    /**
     * @param scope what the key is about: a function, or an invocation to be replayed
     * @return what names the key among those of all callers and scopes
     * @throws ProblemException 400 if the caller has no {@code sub} claim and the key might be guessed by others like it
     */
    public byte[] hash(UUID scope, Identity caller) {
        if (caller.user().isEmpty() && caller.role() != Role.SERVICE && value.length() < SHORTEST_WITHOUT_SUBJECT) {
            throw new ProblemException(Problem.invalidRequest("without a token that has a sub claim, Idempotency-Key needs at least "
                    + SHORTEST_WITHOUT_SUBJECT + " characters, for example a random UUID: other callers might choose a short one too"));
        }
        return sha256(scope.toString(), caller.role().claim(), caller.user().isPresent() ? "sub" : "", caller.user().orElse(""), value);
    }

    /** What tells one request from another. */
    public static byte[] requestHash(String method, String path, String query, byte[] payload) {
        return sha256(bytes(method), bytes(path), bytes(query), payload);
    }

    private static byte[] sha256(String... parts) {
        return sha256(Arrays.stream(parts).map(IdempotencyKey::bytes).toArray(byte[][]::new));
    }

    /** Each part goes in with its length, so that no two lists give the same hash. */
    private static byte[] sha256(byte[]... parts) {
        try {
            var sha256 = MessageDigest.getInstance("SHA-256");
            for (var part : parts) {
                sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).flip());
                sha256.update(part);
            }
            return sha256.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A key is the caller's business. */
    @Override
    public String toString() {
        return "IdempotencyKey[" + value.length() + " characters]";
    }
}
