package io.aerodb.functions.gateway.webhook;

import io.aerodb.functions.trigger.WebhookScheme.HmacSha256.Encoding;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Standard Webhooks 1.0: the id, the time and the body are signed, and there may be several signatures, of which those with other
 * keys than symmetric ones are passed over.
 */
record StandardSignature(Duration tolerance) implements Signature {

    private static final String VERSION = "v1,";
    private static final String KEY_PREFIX = "whsec_";

    @Override
    public Optional<Stamp> stamp(SignedHeaders headers, Instant now) {
        var id = headers.header("webhook-id").filter(name -> !name.contains(".")); // with a dot, one signature would be right for two messages
        var time = headers.header("webhook-timestamp").flatMap(UnixSeconds::parse).filter(seconds -> seconds.isWithin(tolerance, now));
        var signatures = headers.header("webhook-signature").map(StandardSignature::signatures).orElse(List.of());
        if (id.isEmpty() || time.isEmpty() || signatures.isEmpty()) {
            return Optional.empty();
        }
        var before = (id.get() + "." + time.get().text() + ".").getBytes(StandardCharsets.ISO_8859_1); // as the server has read them
        return Optional.of(new Stamp(signatures, before, _ -> new Finding.Valid(id.get())));
    }

    /** Base64, with or without the prefix that tells what it is. */
    @Override
    public Optional<SigningKey> key(String value) {
        var base64 = value.strip();
        return Signature.decoded(Encoding.BASE64, base64.startsWith(KEY_PREFIX) ? base64.substring(KEY_PREFIX.length()) : base64)
                .filter(bytes -> bytes.length > 0)
                .map(SigningKey::new);
    }

    private static List<byte[]> signatures(String header) {
        return Arrays.stream(header.split(" "))
                .filter(signature -> signature.startsWith(VERSION))
                .flatMap(signature -> Signature.mac(Encoding.BASE64, signature.substring(VERSION.length())).stream())
                .toList();
    }
}
