package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.worker.invocation.OffsetMarks.Mark;
import io.aerodb.functions.worker.invocation.OffsetMarks.Span;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * Which records of one partition are done. They may end in any order; what may be committed moves on only when everything before it
 * is done, and the commit's metadata tells what is done behind it. Not thread-safe.
 */
final class OffsetTracker {

    private final NavigableSet<Long> open = new TreeSet<>();
    private final Set<Long> elsewhere = new HashSet<>();
    private final OffsetMarks ahead;
    private long next;
    private OffsetAndMetadata committed;

    /** What is to become of a record. */
    enum Next { RUN, SKIP, LEAVE_ALONE }

    /** For a partition of which nothing was ever committed. @param first the offset of the first record that will be taken */
    OffsetTracker(long first) {
        this(new OffsetAndMetadata(first));
    }

    /** Goes on where another worker has stopped. */
    OffsetTracker(OffsetAndMetadata committed) {
        this.committed = committed;
        this.next = committed.offset();
        this.ahead = CommitMetadata.decode(committed.offset(), committed.metadata());
    }

    /**
     * Notes a record that was taken; they are taken in the order of their offsets.
     *
     * @return {@code SKIP} for one that is done already, {@code LEAVE_ALONE} for one that runs on at a worker which had the partition
     */
    Next take(long offset) {
        var mark = ahead.at(offset);
        next = offset + 1;
        ahead.dropBefore(next);
        if (mark.isPresent() && mark.get() == Mark.DONE) {
            return Next.SKIP;
        }
        open.add(offset);
        if (mark.isPresent()) {
            elsewhere.add(offset);
            return Next.LEAVE_ALONE;
        }
        return Next.RUN;
    }

    /** Notes that a record is done; that may be known before it was taken, if it was begun when the partition was here before. */
    void done(long offset) {
        if (offset >= next) {
            ahead.markDone(offset);
        } else {
            open.remove(offset);
            elsewhere.remove(offset);
        }
    }

    /** Whether a record was taken and is not done. */
    boolean isOpen(long offset) {
        return open.contains(offset);
    }

    /** The offset to commit: that of the first record which is not done. */
    long committable() {
        return open.isEmpty() ? next : open.first();
    }

    /** @param runsOn which of the records that are not done the next owner has to leave alone, besides those this one leaves alone */
    OffsetAndMetadata commit(LongPredicate runsOn) {
        var base = committable();
        return new OffsetAndMetadata(base, CommitMetadata.encode(base, spans(base, runsOn)));
    }

    /** Whether a commit would tell anything new. */
    boolean isNews(OffsetAndMetadata commit) {
        return !commit.equals(committed);
    }

    void committed(OffsetAndMetadata commit) {
        committed = commit;
    }

    private List<Span> spans(long base, LongPredicate runsOn) {
        var spans = new ArrayList<Span>();
        var position = base;
        for (long offset : open) {
            if (offset > position) {
                spans.add(new Span(position, offset, Mark.DONE));
            }
            if (elsewhere.contains(offset) || runsOn.test(offset)) {
                spans.add(new Span(offset, offset + 1, Mark.RUNNING));
            }
            position = offset + 1;
        }
        if (next > position) {
            spans.add(new Span(position, next, Mark.DONE));
        }
        spans.addAll(ahead.spans());
        return spans;
    }
}
