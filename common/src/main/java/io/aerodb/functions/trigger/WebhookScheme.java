package io.aerodb.functions.trigger;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the sender of webhooks signs them, and names its messages. */
public sealed interface WebhookScheme {

    Duration DEFAULT_TOLERANCE = Duration.ofMinutes(5);
    Duration MIN_TOLERANCE = Duration.ofSeconds(1);
    Duration MAX_TOLERANCE = Duration.ofDays(1);

    /** As it stands in a configuration. */
    String label();

    /** Of the header that has the signature; in lower case. */
    String signatureHeader();

    /** All members but the label, as an author would write them. */
    Map<String, Object> members();

    /** What Standard Webhooks 1.0 says. @param tolerance how far the time of a request may be from now */
    record Standard(Duration tolerance) implements WebhookScheme {

        public static final String LABEL = "standard";

        @Override
        public String label() {
            return LABEL;
        }

        @Override
        public String signatureHeader() {
            return "webhook-signature";
        }

        @Override
        public Map<String, Object> members() {
            return Map.of("tolerance_ms", tolerance.toMillis());
        }
    }

    /** @param tolerance how far the time of a request may be from now */
    record Stripe(Duration tolerance) implements WebhookScheme {

        public static final String LABEL = "stripe";

        @Override
        public String label() {
            return LABEL;
        }

        @Override
        public String signatureHeader() {
            return "stripe-signature";
        }

        @Override
        public Map<String, Object> members() {
            return Map.of("tolerance_ms", tolerance.toMillis());
        }
    }

    /** Its signatures say nothing of time. */
    record GitHub() implements WebhookScheme {

        public static final String LABEL = "github";

        @Override
        public String label() {
            return LABEL;
        }

        @Override
        public String signatureHeader() {
            return "x-hub-signature-256";
        }

        @Override
        public Map<String, Object> members() {
            return Map.of();
        }
    }

    /**
     * An HMAC-SHA256 of the body alone.
     *
     * @param signatureHeader in lower case
     * @param prefix of the header's value, before the signature; empty for none
     * @param idHeader whose value names the message, in lower case; null where no header does
     */
    record HmacSha256(String signatureHeader, Encoding encoding, String prefix, @Nullable String idHeader) implements WebhookScheme {

        public static final String LABEL = "hmac-sha256";

        /** How the bytes of a signature are written. */
        public enum Encoding {
            HEX("hex"),
            BASE64("base64");

            private final String label;

            Encoding(String label) {
                this.label = label;
            }

            public String label() {
                return label;
            }
        }

        @Override
        public String label() {
            return LABEL;
        }

        @Override
        public Map<String, Object> members() {
            var members = new LinkedHashMap<String, Object>();
            members.put("header", signatureHeader);
            members.put("encoding", encoding.label());
            if (!prefix.isEmpty()) {
                members.put("prefix", prefix);
            }
            if (idHeader != null) {
                members.put("id_header", idHeader);
            }
            return members;
        }
    }
}
