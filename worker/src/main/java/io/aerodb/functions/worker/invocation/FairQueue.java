package io.aerodb.functions.worker.invocation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * Hands out what waits by turns: each owner's things in the order they came, one of each owner in its turn, and no owner beyond its
 * limit at once. Not thread-safe.
 *
 * @param <O> who the things belong to
 * @param <T> the things
 */
final class FairQueue<O, T> {

    private final ToIntFunction<O> limit;
    private final Map<O, Line> lines = new HashMap<>();
    /** The lines in which something waits; the first one is next. */
    private final Deque<Line> turns = new ArrayDeque<>();
    private int size;

    private final class Line {

        private final O owner;
        private final Deque<T> waiting = new ArrayDeque<>();
        private int out;

        Line(O owner) {
            this.owner = owner;
        }
    }

    /** @param limit how many of an owner's things may be out at once; asked each time, so it may change */
    FairQueue(ToIntFunction<O> limit) {
        this.limit = limit;
    }

    void offer(O owner, T thing) {
        var line = lines.computeIfAbsent(owner, Line::new);
        if (line.waiting.isEmpty()) {
            turns.addLast(line);
        }
        line.waiting.addLast(thing);
        size++;
    }

    /** Takes back the turn that was just given. */
    void putBack(O owner, T thing) {
        var line = lines.get(owner);
        if (!line.waiting.isEmpty()) {
            turns.remove(line);
        }
        turns.addFirst(line);
        line.waiting.addFirst(thing);
        line.out--;
        size++;
    }

    /** What is next, which is out from then on; empty if nothing waits but that of owners at their limit. */
    Optional<T> poll() {
        for (var left = turns.size(); left > 0; left--) {
            var line = turns.removeFirst();
            if (line.out >= limit.applyAsInt(line.owner)) {
                turns.addLast(line);
                continue;
            }
            line.out++;
            size--;
            var thing = line.waiting.removeFirst();
            if (!line.waiting.isEmpty()) {
                turns.addLast(line);
            }
            return Optional.of(thing);
        }
        return Optional.empty();
    }

    /** One of this owner's things is no longer out. */
    void back(O owner) {
        var line = lines.get(owner);
        line.out--;
        forgetIfIdle(line);
    }

    /** Takes out what waits and fits, in no particular order of owners. */
    List<T> removeIf(Predicate<T> fits) {
        var removed = new ArrayList<T>();
        for (var line : List.copyOf(turns)) {
            line.waiting.removeIf(thing -> fits.test(thing) && removed.add(thing));
            if (line.waiting.isEmpty()) {
                turns.remove(line);
                forgetIfIdle(line);
            }
        }
        size -= removed.size();
        return removed;
    }

    /** How many things wait. */
    int size() {
        return size;
    }

    private void forgetIfIdle(Line line) {
        if (line.out == 0 && line.waiting.isEmpty()) {
            lines.remove(line.owner);
        }
    }
}
