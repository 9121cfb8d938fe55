package io.aerodb.functions.gateway.deadletter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.invocation.DeadLetterList.Cursor;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadLetterIdTest {

    @ParameterizedTest
    @ValueSource(strings = {"0-0", "3-17", "999999999-999999999999999999"})
    void readsWhatItWrites(String text) {
        assertEquals(text, DeadLetterId.parse(text).orElseThrow().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "1", "1-", "-1", "01-1", "1-01", "1-1-1", "1 - 1", "1--1", "9999999999-1", "1-9999999999999999999", "a-b"})
    void refusesEverythingElse(String text) {
        assertEquals(Optional.empty(), DeadLetterId.parse(text));
    }

    @Test
    void cursorsLeadBackToWhereAPageEnded() {
        var cursor = new Cursor(Instant.parse("2026-01-01T00:00:00.123456Z"), 3, 17);
        var text = LetterCursor.text(cursor);
        assertTrue(text.matches("[A-Za-z0-9_-]+"), text);
        assertEquals(Optional.of(cursor), LetterCursor.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "!", "bm9uc2Vuc2U", "fA", "MjAyNi0wMS0wMVQwMDowMDowMFo", "LTEwMDAtMDEtMDFUMDA6MDA6MDBafDEtMQ"})
    void refusesACursorThatIsNotOurs(String text) {
        assertEquals(Optional.empty(), LetterCursor.parse(text));
    }
}
