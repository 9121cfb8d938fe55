package io.aerodb.functions.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InFlightTest {

    private final InFlight<String> inFlight = new InFlight<>();

    @Test
    void letsInAsManyAsTheLimitSays() {
        assertTrue(inFlight.tryEnter("a", 2));
        assertTrue(inFlight.tryEnter("a", 2));
        assertFalse(inFlight.tryEnter("a", 2));
        assertTrue(inFlight.tryEnter("b", 1));
        inFlight.leave("a");
        assertTrue(inFlight.tryEnter("a", 2));
        assertEquals(2, inFlight.count("a"));
    }

    @Test
    void letsNobodyInUnderALoweredLimitUntilEnoughHaveLeft() {
        for (var i = 0; i < 3; i++) {
            assertTrue(inFlight.tryEnter("a", 3));
        }
        assertFalse(inFlight.tryEnter("a", 1));
        inFlight.leave("a");
        inFlight.leave("a");
        assertFalse(inFlight.tryEnter("a", 1));
        inFlight.leave("a");
        assertTrue(inFlight.tryEnter("a", 1));
    }

    @Test
    void forgetsKeysUnderWhichNothingGoesOn() {
        for (var i = 0; i < 10_000; i++) {
            assertTrue(inFlight.tryEnter("caller " + i, 1));
        }
        assertEquals(10_000, inFlight.keys());
        for (var i = 0; i < 10_000; i++) {
            inFlight.leave("caller " + i);
        }
        assertEquals(0, inFlight.keys());
    }

    @Test
    void neverLetsInMoreThanTheLimitHoweverManyTryAtOnce() throws Exception {
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        var entered = new AtomicInteger();
        var start = new CountDownLatch(1);
        try (var threads = Executors.newFixedThreadPool(8)) {
            var ends = new ArrayList<Future<?>>();
            for (var i = 0; i < 8; i++) {
                ends.add(threads.submit(() -> {
                    start.await();
                    for (var round = 0; round < 20_000; round++) {
                        if (inFlight.tryEnter("a", 3)) {
                            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                            entered.incrementAndGet();
                            inside.decrementAndGet();
                            inFlight.leave("a");
                        }
                    }
                    return null;
                }));
            }
            start.countDown();
            for (var end : ends) {
                end.get();
            }
        }
        assertTrue(most.get() <= 3, () -> most + " at once");
        assertTrue(entered.get() > 0);
        assertEquals(0, inFlight.keys());
    }
}
