package io.aerodb.functions.gateway.follow;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The last entries of the outcome log, numbered as they came: the one buffer that all who follow read from, each at a pace of its own.
 * What it has no more room for is gone, whoever has not read it yet. Thread-safe.
 */
final class RecentEntries {

    private final long maxBytes;
    /** An entry is at its number modulo the length. */
    private final @Nullable Sized[] slots;
    private final LogCursor begin;
    private final LogCursor end;
    private long first;
    private long next;
    private long bytes;

    private record Sized(Told told, int bytes) {}

    /** Where to read on. @param number of the next entry @param cursor behind what was read */
    record Place(long number, LogCursor cursor) {}

    /** @param maxBytes of the entries' records @param start where the first entry will stand, or before that */
    RecentEntries(int maxEntries, long maxBytes, LogCursor start) {
        this.maxBytes = maxBytes;
        this.slots = new Sized[maxEntries];
        this.begin = start.copy();
        this.end = start.copy();
    }

    synchronized void add(Told told, int size) {
        if (next - first == slots.length) {
            forgetFirst();
        }
        slots[slot(next++)] = new Sized(told, size);
        bytes += size;
        end.pass(told.partition(), told.offset());
        while (bytes > maxBytes) {
            forgetFirst();
        }
    }

    private void forgetFirst() {
        var oldest = slots[slot(first)];
        slots[slot(first++)] = null;
        if (oldest != null) {
            bytes -= oldest.bytes();
            begin.pass(oldest.told().partition(), oldest.told().offset());
        }
    }

    private int slot(long number) {
        return (int) (number % slots.length);
    }

    /** Where everything new will be. */
    synchronized Place end() {
        return new Place(next, end.copy());
    }

    /** From where everything behind a cursor is here; empty if some of it no longer is. The cursor may be behind some of what is here. */
    synchronized Optional<Place> after(LogCursor cursor) {
        return cursor.reaches(begin) ? Optional.of(new Place(first, cursor.copy())) : Optional.empty();
    }

    /** The cursor behind what is no longer here. */
    synchronized LogCursor begin() {
        return begin.copy();
    }

    /** Entries from this number on; empty if the first of them is no longer here. */
    synchronized Optional<List<Told>> from(long number, int most) {
        if (number < first) {
            return Optional.empty();
        }
        var found = new ArrayList<Told>();
        for (var at = number; at < next && found.size() < most; at++) {
            var sized = slots[slot(at)];
            if (sized != null) {
                found.add(sized.told());
            }
        }
        return Optional.of(found);
    }
}
