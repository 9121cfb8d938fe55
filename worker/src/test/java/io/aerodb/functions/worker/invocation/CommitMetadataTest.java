package io.aerodb.functions.worker.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.worker.invocation.OffsetMarks.Mark;
import io.aerodb.functions.worker.invocation.OffsetMarks.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommitMetadataTest {

    @Test
    void isEmptyWhereThereIsNothingToSay() {
        assertEquals("", CommitMetadata.encode(7, List.of()));
        assertEquals(List.of(), decoded(7, ""));
    }

    @Test
    void bringsSpansBack() {
        var spans = List.of(new Span(101, 102, Mark.DONE), new Span(102, 103, Mark.RUNNING), new Span(5000, 90_000, Mark.DONE),
                new Span(1L << 40, 1L << 41, Mark.DONE));
        assertEquals(spans, decoded(100, CommitMetadata.encode(100, spans)));
    }

    @Test
    void isShortForLongSpans() {
        assertTrue(CommitMetadata.encode(100, List.of(new Span(101, 1_000_000, Mark.DONE))).length() < 16);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void bringsAnySpansBack(long seed) {
        var random = new Random(seed);
        var spans = spans(random, 200);
        assertEquals(spans, decoded(spans.getFirst().from(), CommitMetadata.encode(spans.getFirst().from(), spans)));
    }

    @Test
    void keepsWhatStandsFirstWhereNotEverythingFits() {
        var spans = new ArrayList<Span>();
        for (var offset = 1L; offset < 20_000; offset += 2) {
            spans.add(new Span(offset, offset + 1, Mark.DONE));
        }
        var text = CommitMetadata.encode(0, spans);
        var kept = decoded(0, text);
        assertTrue(text.length() <= 4096, "is of length " + text.length());
        assertTrue(kept.size() > 1500, "kept only " + kept.size());
        assertEquals(spans.subList(0, kept.size()), kept);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "aerofn2:AAAA", "aerofn1:???", "aerofn1:gA", "aerofn1:AA", "aerofn1:____________AA", "{\"done\":[1]}"})
    void knowsNothingFromATextThatIsNotOurs(String text) {
        assertEquals(List.of(), decoded(100, text));
    }

    private static List<Span> spans(Random random, int count) {
        var spans = new ArrayList<Span>();
        var position = random.nextLong(1L << 50);
        for (var i = 0; i < count; i++) {
            var from = position + random.nextInt(1 << random.nextInt(20));
            position = from + 1 + random.nextInt(1 << random.nextInt(20));
            spans.add(new Span(from, position, random.nextBoolean() ? Mark.DONE : Mark.RUNNING));
        }
        return spans;
    }

    private static List<Span> decoded(long base, String text) {
        return List.copyOf(CommitMetadata.decode(base, text).spans());
    }
}
