package io.aerodb.functions.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.RateLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TokenBucketTest {

    private final MovableNanos nanos = new MovableNanos();
    private final TokenBucket bucket = new TokenBucket(nanos.getAsLong());

    @Test
    void givesTheBurstAtOnceAndThenOneTokenAtATime() {
        var limit = new RateLimit(10, 3);
        assertEquals(3, taken(limit, 1));
        assertEquals(Duration.ofMillis(100), take(limit, 1));
        nanos.forwardMillis(60);
        assertEquals(Duration.ofMillis(40), take(limit, 1));
        assertEquals(Duration.ofMillis(40), bucket.untilNext(limit, 1, nanos.getAsLong()));
        nanos.forwardMillis(40);
        assertEquals(Duration.ZERO, bucket.untilNext(limit, 1, nanos.getAsLong()));
        assertEquals(1, taken(limit, 1));
    }

    @Test
    void gathersNoMoreThanTheBurst() {
        var limit = new RateLimit(10, 3);
        nanos.forward(Duration.ofDays(100));
        assertEquals(3, taken(limit, 1));
        nanos.forward(Duration.ofDays(100));
        assertEquals(3, taken(limit, 1));
    }

    @Test
    void refusalsTakeNothing() {
        var limit = new RateLimit(1, 1);
        assertEquals(1, taken(limit, 1));
        for (var i = 0; i < 1000; i++) {
            take(limit, 1);
        }
        nanos.forwardMillis(1000);
        assertEquals(1, taken(limit, 1));
    }

    @Test
    void keepsTheRateOverALongTime() {
        var limit = new RateLimit(300, 5);
        var taken = 0;
        for (var i = 0; i < 10_000; i++) {
            taken += taken(limit, 1);
            nanos.forwardMillis(1);
        }
        assertTrue(Math.abs(taken - 3005) <= 1, "in 10 s: " + taken);
    }

    @Test
    void givesEachOfSeveralSharersItsPart() {
        var limit = new RateLimit(10, 5);
        assertEquals(2, taken(limit, 3), "a third of the burst, rounded up");
        assertEquals(Duration.ofMillis(300), take(limit, 3));
        assertEquals(3, taken(limit, 1), "the two others are gone");
    }

    @Test
    void givesAtLeastOneTokenToEachSharer() {
        assertEquals(1, taken(new RateLimit(1, 1), 100));
        nanos.forward(Duration.ofSeconds(100));
        assertEquals(1, taken(new RateLimit(1, 1), 100));
    }

    @Test
    void takesAChangedLimitAtOnce() {
        assertEquals(100, taken(new RateLimit(1, 100), 1));
        var faster = new RateLimit(1000, 10);
        assertEquals(Duration.ofMillis(1), take(faster, 1), "not the 100 s that it took to fill before");
        nanos.forwardMillis(10);
        assertEquals(10, taken(faster, 1));
    }

    @Test
    void holdsTheLargestLimits() {
        var limit = new RateLimit(RateLimit.MAX, RateLimit.MAX);
        assertEquals(RateLimit.MAX, taken(limit, 1));
        assertEquals(Duration.ofNanos(1000), take(limit, 1));
        assertEquals(Duration.ofSeconds(1000), take(new RateLimit(1, RateLimit.MAX), 1000));
    }

    @Test
    void knowsWhenItIsFull() {
        var limit = new RateLimit(10, 3);
        assertTrue(bucket.isFull(nanos.getAsLong()));
        assertEquals(3, taken(limit, 1));
        nanos.forwardMillis(299);
        assertFalse(bucket.isFull(nanos.getAsLong()));
        nanos.forwardMillis(1);
        assertTrue(bucket.isFull(nanos.getAsLong()));
    }

    @Test
    void givesEachTokenOnceHoweverManyAskAtOnce() throws Exception {
        var limit = new RateLimit(1, 10_000);
        var taken = new AtomicInteger();
        try (var threads = Executors.newFixedThreadPool(8)) {
            var ends = new ArrayList<Future<?>>();
            for (var i = 0; i < 8; i++) {
                ends.add(threads.submit(() -> taken.addAndGet(taken(limit, 1))));
            }
            for (var end : ends) {
                end.get();
            }
        }
        assertEquals(10_000, taken.get());
    }

    private Duration take(RateLimit limit, int sharers) {
        return bucket.tryTake(limit, sharers, nanos.getAsLong());
    }

    /** Takes all there are. */
    private int taken(RateLimit limit, int sharers) {
        var taken = 0;
        while (take(limit, sharers).isZero()) {
            taken++;
        }
        return taken;
    }
}
