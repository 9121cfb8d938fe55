package io.aerodb.functions.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseKit;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.invocation.DeadLetterList.Cursor;
import io.aerodb.functions.invocation.DeadLetterList.Search;
import io.aerodb.functions.invocation.ReplayMarks.Mark;
import io.aerodb.functions.kafka.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeadLetterListIT {

    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

    private Database database;
    private DeadLetterList list;

    @BeforeEach
    void start() throws InterruptedException {
        database = DatabaseKit.fresh();
        list = new DeadLetterList(database);
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void listsNewestFirstInPages() {
        var letters = List.of(letter(1, "a"), letter(2, null), letter(3, "a"), letter(4, "b"));
        list.append(letters.subList(0, 3));
        list.append(letters);
        assertEquals(letters.reversed(), list.search(new Search(null, null, 10)));

        var seen = new ArrayList<DeadLetter>();
        var page = list.search(new Search(null, null, 3));
        while (!page.isEmpty()) {
            seen.addAll(page);
            page = list.search(new Search(null, Cursor.at(page.getLast()), 3));
        }
        assertEquals(letters.reversed(), seen);
        assertEquals(List.of(letters.get(2), letters.get(0)), list.search(new Search(new FunctionName("a"), null, 10)));
    }

    @Test
    void findsByPositionAndByInvocation() {
        var letter = letter(1, "a");
        list.append(List.of(letter, letter(2, null)));
        assertEquals(Optional.of(letter), list.find(0, 1));
        assertEquals(Optional.of(letter), list.find(letter.invocation()));
        assertEquals(Optional.empty(), list.find(0, 3));
        assertEquals(Optional.empty(), list.find(InvocationId.at(TIME)));
    }

    @Test
    void takesAReasonOfAnyLengthWithAnyCharacter() {
        var position = new RecordPosition(Topics.DEAD_LETTERS, 0, 1);
        list.append(List.of(new DeadLetter(position, TIME, "\0" + "x".repeat(1 << 20), 0, null, null, null, new RecordPosition("t\0", 0, 0), null)));
        var found = list.find(0, 1).orElseThrow();
        assertTrue(found.reason().startsWith("\uFFFDxxx"), found::reason);
        assertTrue(found.reason().length() < 2100, () -> "is as long as " + found.reason().length());
        assertEquals("t\uFFFD", found.source().topic());
    }

    @Test
    void notesWhatBecameOfALetter() {
        list.append(List.of(letter(1, "a"), letter(2, "a")));
        var replay = InvocationId.at(TIME);
        database.inTransaction(connection -> {
            ReplayMarks.write(connection, List.of(new Mark(list.find(0, 1).orElseThrow().invocation().value(), TIME, replay.value())));
            return replay;
        });
        assertEquals(replay, list.find(0, 1).orElseThrow().replayedAs());
        list.append(List.of(letter(1, "a")));
        assertEquals(replay, list.find(0, 1).orElseThrow().replayedAs());
        assertTrue(list.discard(0, 2));
        assertFalse(list.discard(0, 2));
        assertEquals(Optional.empty(), list.find(0, 2));
    }

    @Test
    void removesWhatTheTopicNoLongerHas() {
        var kept = letter(5, "a");
        list.append(List.of(letter(1, "a"), new DeadLetter(kept.position(), Instant.now(), kept.reason(), kept.attempts(), kept.invocation(),
                kept.acceptedAt(), kept.function(), kept.source(), null)));
        assertEquals(1, list.removeOlderThan(Duration.ofHours(1)));
        assertEquals(List.of(5L), list.search(new Search(null, null, 10)).stream().map(letter -> letter.position().offset()).toList());
    }

    private static DeadLetter letter(int number, @Nullable String function) {
        return new DeadLetter(new RecordPosition(Topics.DEAD_LETTERS, 0, number), TIME.plusSeconds(number), "why", function == null ? 0 : 5,
                function == null ? null : InvocationId.at(TIME.plusSeconds(number)), function == null ? null : TIME, function,
                new RecordPosition(Topics.EVENTS, 3, 7), null);
    }
}
