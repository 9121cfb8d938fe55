package io.aerodb.functions.gateway.webhook;

import io.aerodb.functions.trigger.WebhookScheme.HmacSha256.Encoding;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Only the body is signed.
 *
 * @param header that has the signature
 * @param prefix before the signature; empty for none
 * @param idHeader whose value names the message; null if nothing but the body does
 */
record BodySignature(String header, Encoding encoding, String prefix, @Nullable String idHeader) implements Signature {

    private static final byte[] NOTHING = new byte[0];

    @Override
    public Optional<Stamp> stamp(SignedHeaders headers, Instant now) {
        var id = idHeader == null ? Optional.<String>empty() : headers.header(idHeader);
        return headers.header(header)
                .filter(value -> value.startsWith(prefix))
                .flatMap(value -> Signature.mac(encoding, value.substring(prefix.length()).strip()))
                .map(signature -> new Stamp(List.of(signature), NOTHING, body -> name(id, body)));
    }

    private Finding name(Optional<String> id, byte[] body) {
        return idHeader == null
                ? new Finding.Valid(ContentName.of(body))
                : id.<Finding>map(Finding.Valid::new).orElseGet(() -> new Finding.Nameless(idHeader));
    }
}
