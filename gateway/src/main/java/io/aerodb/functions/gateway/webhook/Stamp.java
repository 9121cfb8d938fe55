package io.aerodb.functions.gateway.webhook;

import io.aerodb.functions.gateway.webhook.Signature.Finding;
import java.util.List;
import java.util.function.Function;

/**
 * What the headers of a request say that its sender has signed.
 *
 * @param signatures one of which has to be right
 * @param before what is signed before the body
 * @param name tells from the body what the message is called, once it is known to be the sender's
 */
record Stamp(List<byte[]> signatures, byte[] before, Function<byte[], Finding> name) {

    /** @param keys any of which the sender may have used */
    Finding check(byte[] body, List<SigningKey> keys) {
        return keys.stream().anyMatch(key -> key.hasSigned(signatures, before, body)) ? name.apply(body) : new Finding.Invalid();
    }
}
