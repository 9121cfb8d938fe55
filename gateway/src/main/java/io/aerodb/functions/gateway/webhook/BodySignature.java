package io.aerodb.functions.gateway.webhook;

import io.aerodb.functions.trigger.WebhookScheme.HmacSha256.Encoding;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Only the body is signed.
 *
 * @param header that has the signature
 * @param prefix before the signature; empty for none
 * @param idHeader whose value names the message; null if nothing but the body does
 */
record BodySignature(String header, Encoding encoding, String prefix, @Nullable String idHeader) implements Signature {

    @Override
    public Finding check(SignedRequest request, List<SigningKey> keys, Instant now) {
        var signature = request.header(header)
                .filter(value -> value.startsWith(prefix))
                .flatMap(value -> Signature.decoded(encoding, value.substring(prefix.length()).strip()))
                .map(List::of).orElse(List.of());
        if (keys.stream().noneMatch(key -> key.hasSigned(signature, request.body()))) {
            return new Finding.Invalid();
        }
        if (idHeader == null) {
            return new Finding.Valid(ContentName.of(request.body()));
        }
        return request.header(idHeader).<Finding>map(Finding.Valid::new).orElseGet(() -> new Finding.Nameless(idHeader));
    }
}
