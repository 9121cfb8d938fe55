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
    private static final byte[] DOT = {'.'};

    @Override
    public Finding check(SignedRequest request, List<SigningKey> keys, Instant now) {
        var id = request.header("webhook-id");
        var time = request.header("webhook-timestamp").flatMap(UnixSeconds::parse);
        var signatures = request.header("webhook-signature").map(StandardSignature::signatures).orElse(List.of());
        if (id.isEmpty() || time.isEmpty()) {
            return new Finding.Invalid();
        }
        var idBytes = id.get().getBytes(StandardCharsets.UTF_8);
        if (keys.stream().noneMatch(key -> key.hasSigned(signatures, idBytes, DOT, time.get().bytes(), DOT, request.body()))) {
            return new Finding.Invalid();
        }
        return time.get().isWithin(tolerance, now) ? new Finding.Valid(id.get()) : new Finding.Stale();
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
                .flatMap(signature -> Signature.decoded(Encoding.BASE64, signature.substring(VERSION.length())).stream())
                .toList();
    }
}
