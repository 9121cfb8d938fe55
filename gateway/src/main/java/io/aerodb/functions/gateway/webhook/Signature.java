package io.aerodb.functions.gateway.webhook;

import io.aerodb.functions.trigger.WebhookScheme;
import io.aerodb.functions.trigger.WebhookScheme.GitHub;
import io.aerodb.functions.trigger.WebhookScheme.HmacSha256;
import io.aerodb.functions.trigger.WebhookScheme.HmacSha256.Encoding;
import io.aerodb.functions.trigger.WebhookScheme.Standard;
import io.aerodb.functions.trigger.WebhookScheme.Stripe;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/** How a kind of sender signs. Immutable and thread-safe. */
sealed interface Signature permits StandardSignature, StripeSignature, BodySignature {

    int MAC_BYTES = 32;

    /** What a request turned out to be. */
    sealed interface Finding {

        /** @param messageId what the sender calls the message, the same if it sends it again */
        record Valid(String messageId) implements Finding {}

        /** The sender has signed it and not named it. @param header that should do so */
        record Nameless(String header) implements Finding {}

        /** The sender has not signed it, as far as can be told. */
        record Invalid() implements Finding {}
    }

    /**
     * What is to be checked once the body is there.
     *
     * @return empty if the headers alone show that no such sender has signed this, or not about now
     */
    Optional<Stamp> stamp(SignedHeaders headers, Instant now);

    /**
     * @param value one of those that a secret holds
     * @return empty if this kind of sender has no such keys
     */
    default Optional<SigningKey> key(String value) {
        return Optional.of(new SigningKey(value.getBytes(StandardCharsets.UTF_8)));
    }

    static Signature of(WebhookScheme scheme) {
        return switch (scheme) {
            case Standard(var tolerance) -> new StandardSignature(tolerance);
            case Stripe(var tolerance) -> new StripeSignature(tolerance);
            case GitHub gitHub -> new BodySignature(gitHub.signatureHeader(), Encoding.HEX, "sha256=", "x-github-delivery");
            case HmacSha256(var header, var encoding, var prefix, var idHeader) -> new BodySignature(header, encoding, prefix, idHeader);
        };
    }

    /** Empty if it is written in another way. */
    static Optional<byte[]> decoded(Encoding encoding, String text) {
        try {
            return Optional.of(switch (encoding) {
                case HEX -> HexFormat.of().parseHex(text);
                case BASE64 -> Base64.getDecoder().decode(text);
            });
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Empty if it is no HMAC-SHA256. */
    static Optional<byte[]> mac(Encoding encoding, String text) {
        return decoded(encoding, text).filter(bytes -> bytes.length == MAC_BYTES);
    }
}
