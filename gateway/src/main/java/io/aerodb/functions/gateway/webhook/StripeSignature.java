package io.aerodb.functions.gateway.webhook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import io.aerodb.functions.trigger.WebhookScheme.HmacSha256.Encoding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code Stripe-Signature: t=…,v1=…}: the time and the body are signed, and there may be several signatures, of which those of other
 * versions are passed over. What names the message is the member {@code id} of the event in the body.
 */
record StripeSignature(Duration tolerance) implements Signature {

    private static final JsonFactory FACTORY = new JsonFactory();

    private record Parts(Optional<UnixSeconds> time, List<byte[]> signatures) {}

    @Override
    public Optional<Stamp> stamp(SignedHeaders headers, Instant now) {
        return headers.header("stripe-signature").map(StripeSignature::parts).filter(parts -> !parts.signatures().isEmpty())
                .flatMap(parts -> parts.time().filter(time -> time.isWithin(tolerance, now)).map(time -> stamp(parts, time)));
    }

    private static Stamp stamp(Parts parts, UnixSeconds time) {
        var before = (time.text() + ".").getBytes(StandardCharsets.US_ASCII);
        return new Stamp(parts.signatures(), before,
                body -> new Finding.Valid(eventId(body).orElseGet(() -> ContentName.of(before, body))));
    }

    private static Parts parts(String header) {
        var times = new ArrayList<String>();
        var signatures = new ArrayList<byte[]>();
        for (var part : header.split(",")) {
            var equals = part.indexOf('=');
            var name = part.substring(0, Math.max(0, equals)).strip();
            var value = part.substring(equals + 1).strip();
            switch (name) {
                case "t" -> times.add(value);
                case "v1" -> Signature.mac(Encoding.HEX, value).ifPresent(signatures::add);
                default -> { } // of another version
            }
        }
        return new Parts(times.size() == 1 ? UnixSeconds.parse(times.getFirst()) : Optional.empty(), signatures);
    }

    /** Empty where the body is no event. */
    private static Optional<String> eventId(byte[] body) {
        try (var parser = FACTORY.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var isId = parser.currentName().equals("id");
                if (parser.nextToken() == JsonToken.VALUE_STRING && isId) {
                    return Optional.of(parser.getText());
                }
                parser.skipChildren();
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
