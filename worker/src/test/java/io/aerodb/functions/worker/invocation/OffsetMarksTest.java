package io.aerodb.functions.worker.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.worker.invocation.OffsetMarks.Mark;
import io.aerodb.functions.worker.invocation.OffsetMarks.Span;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OffsetMarksTest {

    private final OffsetMarks marks = OffsetMarks.of(List.of(new Span(10, 13, Mark.DONE), new Span(15, 18, Mark.RUNNING)));

    @Test
    void knowsWhatLiesInASpanAndNothingElse() {
        assertEquals(Optional.empty(), marks.at(9));
        assertEquals(Optional.of(Mark.DONE), marks.at(10));
        assertEquals(Optional.of(Mark.DONE), marks.at(12));
        assertEquals(Optional.empty(), marks.at(13));
        assertEquals(Optional.of(Mark.RUNNING), marks.at(17));
        assertEquals(Optional.empty(), marks.at(18));
    }

    @Test
    void forgetsWhatStandsBefore() {
        marks.dropBefore(11);
        assertEquals(List.of(new Span(11, 13, Mark.DONE), new Span(15, 18, Mark.RUNNING)), List.copyOf(marks.spans()));
        marks.dropBefore(14);
        assertEquals(List.of(new Span(15, 18, Mark.RUNNING)), List.copyOf(marks.spans()));
        marks.dropBefore(100);
        assertEquals(List.of(), List.copyOf(marks.spans()));
    }

    @Test
    void marksOneInTheMiddleOfOthers() {
        marks.markDone(16);
        assertEquals(List.of(new Span(10, 13, Mark.DONE), new Span(15, 16, Mark.RUNNING), new Span(16, 17, Mark.DONE), new Span(17, 18, Mark.RUNNING)),
                List.copyOf(marks.spans()));
    }

    @Test
    void marksOneThatNothingWasKnownOf() {
        marks.markDone(14);
        assertEquals(Optional.of(Mark.DONE), marks.at(14));
        assertEquals(Optional.of(Mark.RUNNING), marks.at(15));
    }
}
