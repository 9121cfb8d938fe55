package io.aerodb.functions.gateway.follow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogCursorTest {

    @Test
    void isReadAsItIsWritten() {
        var cursor = new LogCursor(0, 17, 999_999_999_999_999_999L);
        assertEquals("0.17.999999999999999999", cursor.toString());
        assertEquals(cursor.toString(), LogCursor.parse(cursor.toString(), 3).orElseThrow().toString());
    }

    @Test
    void beginsWithPartitionsThatAreNewSinceThen() {
        assertEquals("5.6.0.0", LogCursor.parse("5.6", 4).orElseThrow().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "1.", ".1", "-1", "1..2", "a", "1,2", "1.2.3.4", "1111111111111111111", "1\n", "٣"})
    void isNothingElse(String text) {
        assertEquals(Optional.empty(), LogCursor.parse(text, 3));
    }

    @Test
    void passesEachRecordOnce() {
        var cursor = new LogCursor(5, 5);
        assertFalse(cursor.pass(0, 4));
        assertTrue(cursor.pass(0, 5));
        assertFalse(cursor.pass(0, 5));
        assertTrue(cursor.pass(0, 9));
        assertEquals("10.5", cursor.toString());
    }

    @Test
    void reachesAnotherWhereItIsNowhereBeforeIt() {
        assertTrue(new LogCursor(5, 5).reaches(new LogCursor(5, 5)));
        assertTrue(new LogCursor(6, 5).reaches(new LogCursor(5, 4)));
        assertFalse(new LogCursor(6, 4).reaches(new LogCursor(5, 5)));
    }
}
