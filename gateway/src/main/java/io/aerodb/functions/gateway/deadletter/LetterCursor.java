package io.aerodb.functions.gateway.deadletter;

import io.aerodb.functions.invocation.DeadLetterList.Cursor;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/** Where a page of the list ended, as a text that goes into a URL. */
final class LetterCursor {

    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private LetterCursor() {}

    static String text(Cursor cursor) {
        var text = cursor.createdAt() + "|" + new DeadLetterId(cursor.partition(), cursor.offset());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Empty for what no page of ours ended with. */
    static Optional<Cursor> parse(String text) {
        try {
            var parts = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.US_ASCII).split("\\|", 2);
            var createdAt = Instant.parse(parts[0]);
            return createdAt.isBefore(Instant.EPOCH) || createdAt.isAfter(LATEST) || parts.length < 2 ? Optional.empty()
                    : DeadLetterId.parse(parts[1]).map(id -> new Cursor(createdAt, id.partition(), id.offset()));
        } catch (IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }
}
