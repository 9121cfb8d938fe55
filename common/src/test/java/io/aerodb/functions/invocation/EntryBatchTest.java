package io.aerodb.functions.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntryBatchTest {

    private static final Entries ONE = Entries.at(Instant.parse("2026-01-01T00:00:00.000001Z"));
    private static final Entries OTHER = Entries.at(Instant.parse("2026-01-02T00:00:00Z"));

    /** Each is later than all before it. */
    private static final List<InvocationEntry> LIFE =
            List.of(ONE.accepted(), ONE.delayed(), ONE.scheduled(1), ONE.scheduled(2), ONE.scheduled(10), ONE.ended("failed", 11));

    @Test
    void keepsWhatIsLatestInTheInvocationsLife() {
        for (var earlier = 0; earlier < LIFE.size(); earlier++) {
            for (var later = earlier + 1; later < LIFE.size(); later++) {
                var expected = List.of(LIFE.get(later));
                assertEquals(expected, EntryBatch.of(List.of(LIFE.get(earlier), LIFE.get(later))).latest());
                assertEquals(expected, EntryBatch.of(List.of(LIFE.get(later), LIFE.get(earlier))).latest());
            }
        }
    }

    @Test
    void keepsTheFirstOfTwoEnds() {
        assertEquals(List.of(ONE.ended("expired", 1)), EntryBatch.of(List.of(ONE.ended("expired", 1), ONE.ended("succeeded", 2))).latest());
    }

    @Test
    void takesAStatusOfANewerVersionForAnEnd() {
        assertTrue(EntryBatch.isTerminal(ONE.ended("evaporated", 1)));
        assertFalse(EntryBatch.isTerminal(ONE.ended("running", 1)));
        assertEquals(List.of(ONE.ended("evaporated", 1)), EntryBatch.of(List.of(ONE.scheduled(5), ONE.ended("evaporated", 1))).latest());
    }

    @Test
    void keepsInvocationsApartAndInOrder() {
        var batch = EntryBatch.of(List.of(OTHER.ended("succeeded", 1), ONE.accepted()));
        assertEquals(List.of(ONE.accepted(), OTHER.ended("succeeded", 1)), batch.latest());
    }

    @Test
    void takesTimesForOneThatPostgresqlCannotTellApart() {
        var precise = new Entries(ONE.id(), ONE.acceptedAt().plusNanos(7));
        assertEquals(1, EntryBatch.of(List.of(ONE.accepted(), precise.ended("succeeded", 1))).latest().size());
    }

    @Test
    void gathersTheEndsOfAttemptsThatOthersFollow() {
        assertEquals(List.of(ONE.scheduled(1), ONE.scheduled(2), ONE.scheduled(10)), EntryBatch.of(LIFE).retried());
    }
}
