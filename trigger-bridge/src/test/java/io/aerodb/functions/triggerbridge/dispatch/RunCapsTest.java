package io.aerodb.functions.triggerbridge.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunCapsTest {

    private final RunCaps caps = new RunCaps(2, 3);

    @Test
    void countsTheTransactionsOfATableHoweverManyRowsTheyChange() {
        for (var transaction = 0; transaction < 3; transaction++) {
            caps.nextTransaction();
            for (var row = 0; row < 100; row++) {
                assertTrue(caps.refusal("f/t", "f/t/" + transaction + "/" + row, Instant.EPOCH).isEmpty());
            }
        }
        caps.nextTransaction();
        assertEquals(Optional.of("table_rate_exceeded"), caps.refusal("f/t", "f/t/new", Instant.EPOCH).map(RunCaps.Refusal::code), "although the row is a new one");
        assertTrue(caps.refusal("f/other", "f/other/new", Instant.EPOCH).isEmpty());
        caps.nextTransaction();
        assertTrue(caps.refusal("f/t", "f/t/new", Instant.EPOCH.plusSeconds(20)).isEmpty(), "a third of the minute gives one back");
    }

    @Test
    void countsTheRunsOfARow() {
        for (var run = 0; run < 2; run++) {
            assertTrue(caps.refusal("f/t", "f/t/1", Instant.EPOCH).isEmpty());
        }
        assertEquals(Optional.of("row_rate_exceeded"), caps.refusal("f/t", "f/t/1", Instant.EPOCH).map(RunCaps.Refusal::code));
        assertTrue(caps.refusal("f/t", null, Instant.EPOCH).isEmpty(), "where rows are not told apart only the table counts");
    }
}
