package io.aerodb.functions.triggerbridge.dispatch;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RowRatesTest {

    private long now;
    private final RowRates rates = new RowRates(2, 2, () -> now);

    @Test
    void givesBackOverAMinute() {
        assertTrue(rates.tryTake("a"));
        assertTrue(rates.tryTake("a"));
        assertFalse(rates.tryTake("a"));
        now += TimeUnit.SECONDS.toNanos(29);
        assertFalse(rates.tryTake("a"));
        now += TimeUnit.SECONDS.toNanos(2);
        assertTrue(rates.tryTake("a"));
        assertFalse(rates.tryTake("a"));
    }

    @Test
    void countsEachRowByItselfAndRemembersTheLatest() {
        assertTrue(rates.tryTake("a"));
        assertTrue(rates.tryTake("a"));
        assertTrue(rates.tryTake("b"));
        assertFalse(rates.tryTake("a"));
        assertTrue(rates.tryTake("c"));
        assertFalse(rates.tryTake("a"), "the one that was asked for longest ago is forgotten first");
        assertTrue(rates.tryTake("b"));
        assertTrue(rates.tryTake("b"));
    }
}
