package io.aerodb.functions.triggerbridge.dispatch;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class RunRatesTest {

    private final RunRates rates = new RunRates(2, 2);
    private Instant now = Instant.EPOCH;

    @Test
    void givesBackOverAMinute() {
        assertTrue(rates.tryTake("a", now));
        assertTrue(rates.tryTake("a", now));
        assertFalse(rates.tryTake("a", now));
        now = now.plusSeconds(29);
        assertFalse(rates.tryTake("a", now));
        now = now.plusSeconds(2);
        assertTrue(rates.tryTake("a", now));
        assertFalse(rates.tryTake("a", now));
    }

    @Test
    void countsEachRowByItselfAndRemembersTheLatest() {
        assertTrue(rates.tryTake("a", now));
        assertTrue(rates.tryTake("a", now));
        assertTrue(rates.tryTake("b", now));
        assertFalse(rates.tryTake("a", now));
        assertTrue(rates.tryTake("c", now));
        assertFalse(rates.tryTake("a", now), "the one that was asked for longest ago is forgotten first");
        assertTrue(rates.tryTake("b", now));
        assertTrue(rates.tryTake("b", now));
    }
}
