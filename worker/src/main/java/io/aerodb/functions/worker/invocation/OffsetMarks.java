package io.aerodb.functions.worker.invocation;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is known of records that were not taken yet, in spans of offsets: those that are done, and those that run on at a worker which
 * had the partition before. Not thread-safe.
 */
final class OffsetMarks {

    enum Mark { DONE, RUNNING }

    /**
     * @param from the first offset
     * @param end the offset behind the last one
     */
    record Span(long from, long end, Mark mark) {}

    private final TreeMap<Long, Span> spans = new TreeMap<>();

    static OffsetMarks none() {
        return new OffsetMarks();
    }

    /** @param spans in order and apart from each other */
    static OffsetMarks of(List<Span> spans) {
        var marks = new OffsetMarks();
        spans.forEach(span -> marks.spans.put(span.from(), span));
        return marks;
    }

    Optional<Mark> at(long offset) {
        var span = spans.floorEntry(offset);
        return span == null || span.getValue().end() <= offset ? Optional.empty() : Optional.of(span.getValue().mark());
    }

    void markDone(long offset) {
        var before = spans.floorEntry(offset);
        if (before != null && before.getValue().end() > offset) {
            var span = before.getValue();
            spans.remove(span.from());
            put(new Span(span.from(), offset, span.mark()));
            put(new Span(offset + 1, span.end(), span.mark()));
        }
        put(new Span(offset, offset + 1, Mark.DONE));
    }

    /** Forgets what stands before an offset. */
    void dropBefore(long offset) {
        while (!spans.isEmpty() && spans.firstKey() < offset) {
            var span = spans.pollFirstEntry().getValue();
            put(new Span(offset, span.end(), span.mark()));
        }
    }

    /** In order. */
    Collection<Span> spans() {
        return spans.values();
    }

    private void put(Span span) {
        if (span.from() < span.end()) {
            spans.put(span.from(), span);
        }
    }
}
