package io.aerodb.functions.worker.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetTrackerTest {

    private final OffsetTracker tracker = new OffsetTracker(100);

    @Test
    void hasNothingToCommitBeforeARecordIsDone() {
        assertFalse(tracker.hasProgress());
        tracker.started(100);
        assertFalse(tracker.hasProgress());
        assertEquals(100, tracker.committable());
        assertEquals(1, tracker.inFlight());
    }

    @Test
    void commitsBehindTheLastRecordWhenAllAreDone() {
        tracker.started(100);
        tracker.started(101);
        tracker.ended(100);
        tracker.ended(101);
        assertEquals(102, tracker.committable());
        assertTrue(tracker.hasProgress());
        assertEquals(0, tracker.inFlight());
    }

    @Test
    void waitsForTheFirstRecordHoweverManyBehindItAreDone() {
        for (var offset = 100; offset < 110; offset++) {
            tracker.started(offset);
        }
        for (var offset = 109; offset > 100; offset--) {
            tracker.ended(offset);
            assertEquals(100, tracker.committable());
            assertFalse(tracker.hasProgress());
        }
        tracker.ended(100);
        assertEquals(110, tracker.committable());
    }

    @Test
    void commitsUpToTheFirstRecordThatIsNotDone() {
        for (var offset = 100; offset < 105; offset++) {
            tracker.started(offset);
        }
        tracker.ended(100);
        tracker.ended(101);
        tracker.ended(103);
        assertEquals(102, tracker.committable());
    }

    @Test
    void passesOverOffsetsThatTheLogDoesNotHave() {
        tracker.started(100);
        tracker.started(107); // what lay between was compacted, or belongs to transactions
        tracker.ended(100);
        assertEquals(107, tracker.committable());
        tracker.ended(107);
        assertEquals(108, tracker.committable());
    }

    @Test
    void commitsNothingTwice() {
        tracker.started(100);
        tracker.ended(100);
        tracker.committed(101);
        assertFalse(tracker.hasProgress());
        tracker.started(101);
        assertFalse(tracker.hasProgress());
        tracker.ended(101);
        assertTrue(tracker.hasProgress());
        tracker.committed(102);
        tracker.committed(101); // an answer that comes late takes nothing back
        assertFalse(tracker.hasProgress());
    }

    @Test
    void takesARecordForDoneOnlyOnce() {
        tracker.started(100);
        tracker.started(101);
        tracker.ended(100);
        tracker.ended(100);
        assertEquals(101, tracker.committable());
        assertEquals(1, tracker.inFlight());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void neverCommitsPastARecordThatIsNotDone(long seed) {
        var random = new Random(seed);
        var running = new ArrayList<Long>();
        var next = 100L;
        var committed = 100L;
        for (var step = 0; step < 5000; step++) {
            if (running.isEmpty() || random.nextInt(running.size() + 10) < 8) {
                next += random.nextInt(20) == 0 ? 1 + random.nextInt(5) : 0;
                tracker.started(next);
                running.add(next++);
            } else {
                tracker.ended(running.remove(random.nextInt(running.size())));
            }
            var first = running.stream().mapToLong(Long::longValue).min().orElse(next);
            assertEquals(first, tracker.committable());
            assertEquals(running.size(), tracker.inFlight());
            assertEquals(first > committed, tracker.hasProgress());
            if (random.nextInt(10) == 0) {
                committed = first;
                tracker.committed(committed);
            }
        }
        running.forEach(tracker::ended);
        assertEquals(next, tracker.committable());
    }

    @Test
    void isIdleAtOnceWhereNothingRuns() throws InterruptedException {
        tracker.awaitIdle(System.nanoTime() + TimeUnit.HOURS.toNanos(1));
    }

    @Test
    void waitsUntilTheLastRecordIsDone() throws InterruptedException {
        tracker.started(100);
        tracker.started(101);
        var ending = Thread.ofPlatform().start(() -> {
            tracker.ended(101);
            tracker.ended(100);
        });
        tracker.awaitIdle(System.nanoTime() + TimeUnit.HOURS.toNanos(1));
        assertEquals(0, tracker.inFlight());
        ending.join();
    }

    @Test
    void waitsNoLongerThanItMay() throws InterruptedException {
        tracker.started(100);
        tracker.awaitIdle(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(5));
        tracker.awaitIdle(System.nanoTime() - 1);
        assertEquals(1, tracker.inFlight());
    }
}
