package io.aerodb.functions.worker.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.worker.invocation.OffsetTracker.Next;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Random;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetTrackerTest {

    private final OffsetTracker tracker = new OffsetTracker(100);

    @Test
    void hasNothingToCommitBeforeARecordIsDone() {
        assertFalse(tracker.isNews(commit()));
        take(100, 101);
        assertFalse(tracker.isNews(commit()));
        assertEquals(100, tracker.committable());
        assertTrue(tracker.isOpen(100));
    }

    @Test
    void commitsBehindTheLastRecordWhenAllAreDone() {
        take(100, 102);
        tracker.done(100);
        tracker.done(101);
        assertEquals(new OffsetAndMetadata(102), commit());
        assertTrue(tracker.isNews(commit()));
        assertFalse(tracker.isOpen(100));
    }

    @Test
    void waitsForTheFirstRecordHoweverManyBehindItAreDone() {
        take(100, 110);
        for (var offset = 109; offset > 100; offset--) {
            tracker.done(offset);
            assertEquals(100, tracker.committable());
        }
        tracker.done(100);
        assertEquals(110, tracker.committable());
    }

    @Test
    void passesOverOffsetsThatTheLogDoesNotHave() {
        tracker.take(100);
        tracker.take(107); // what lay between was compacted, or belongs to transactions
        tracker.done(100);
        assertEquals(107, tracker.committable());
        tracker.done(107);
        assertEquals(108, tracker.committable());
    }

    @Test
    void commitsNothingTwice() {
        take(100, 101);
        tracker.done(100);
        tracker.committed(commit());
        assertFalse(tracker.isNews(commit()));
        take(101, 103);
        assertFalse(tracker.isNews(commit()));
        tracker.done(102);
        assertTrue(tracker.isNews(commit()), "tells in its metadata that a later one is done");
    }

    @Test
    void tellsTheNextOwnerWhatIsDoneBehindTheCommittedOffset() {
        take(100, 106);
        tracker.done(101);
        tracker.done(102);
        tracker.done(104);
        var next = new OffsetTracker(commit());
        assertEquals(Next.RUN, next.take(100));
        assertEquals(Next.SKIP, next.take(101));
        assertEquals(Next.SKIP, next.take(102));
        assertEquals(Next.RUN, next.take(103));
        assertEquals(Next.SKIP, next.take(104));
        assertEquals(Next.RUN, next.take(105));
        assertEquals(Next.RUN, next.take(106));
        next.done(100);
        assertEquals(103, next.committable());
    }

    @Test
    void tellsTheNextOwnerWhatRunsOn() {
        take(100, 104);
        tracker.done(102);
        var next = new OffsetTracker(tracker.commit(offset -> offset == 100 || offset == 103));
        assertEquals(Next.LEAVE_ALONE, next.take(100));
        assertEquals(Next.RUN, next.take(101));
        assertEquals(Next.SKIP, next.take(102));
        assertEquals(Next.LEAVE_ALONE, next.take(103));
        assertTrue(next.isOpen(100));
    }

    @Test
    void goesOnTellingWhatRunsElsewhereUntilItIsDone() {
        take(100, 103);
        var second = new OffsetTracker(tracker.commit(offset -> offset < 102));
        second.take(100);
        var third = new OffsetTracker(second.commit(_ -> false));
        assertEquals(Next.LEAVE_ALONE, third.take(100));
        assertEquals(Next.LEAVE_ALONE, third.take(101));
        third.done(100);
        third.done(101);
        assertEquals(new OffsetAndMetadata(102), third.commit(_ -> false));
    }

    @Test
    void goesOnTellingWhatWasDoneBehindWhatItHasTaken() {
        take(100, 110);
        tracker.done(108);
        var second = new OffsetTracker(commit());
        second.take(100);
        second.done(100);
        var third = new OffsetTracker(second.commit(_ -> false));
        assertEquals(101, third.committable());
        for (var offset = 101; offset < 108; offset++) {
            assertEquals(Next.RUN, third.take(offset));
        }
        assertEquals(Next.SKIP, third.take(108));
    }

    @Test
    void learnsThatARecordIsDoneBeforeItIsTaken() {
        tracker.done(101);
        assertEquals(Next.RUN, tracker.take(100));
        assertEquals(Next.SKIP, tracker.take(101));
    }

    @Test
    void ignoresTheMetadataOfOthers() {
        var foreign = new OffsetTracker(new OffsetAndMetadata(100, "of another program"));
        assertEquals(Next.RUN, foreign.take(100));
        assertEquals(100, foreign.committable());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void neverForgetsOrRepeatsWhateverTheOwnersDo(long seed) {
        var random = new Random(seed);
        var done = new HashSet<Long>();
        var owner = new OffsetTracker(0);
        var open = new ArrayList<Long>();
        var next = 0L;
        for (var step = 0; step < 5000; step++) {
            if (random.nextInt(200) == 0) {
                var commit = owner.commit(_ -> false);
                owner = new OffsetTracker(commit);
                next = commit.offset();
                open.clear();
            } else if (open.isEmpty() || random.nextInt(open.size() + 10) < 8) {
                assertEquals(done.contains(next) ? Next.SKIP : Next.RUN, owner.take(next), "of " + next);
                if (!done.contains(next)) {
                    open.add(next);
                }
                next++;
            } else {
                var offset = open.remove(random.nextInt(open.size()));
                owner.done(offset);
                done.add(offset);
            }
            assertEquals(first(open, next), owner.committable());
        }
    }

    private static long first(ArrayList<Long> open, long next) {
        return open.stream().mapToLong(Long::longValue).min().orElse(next);
    }

    private void take(long from, long end) {
        for (var offset = from; offset < end; offset++) {
            tracker.take(offset);
        }
    }

    private OffsetAndMetadata commit() {
        return tracker.commit(_ -> false);
    }
}
