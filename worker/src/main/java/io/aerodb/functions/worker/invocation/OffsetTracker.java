package io.aerodb.functions.worker.invocation;

import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Which records of one partition are done. They may end in any order; what may be committed moves on only when everything before
 * it has ended. Thread-safe.
 */
final class OffsetTracker {

    private final NavigableSet<Long> running = new TreeSet<>();
    private long next;
    private long committed;

    /** @param first the offset of the first record that will be started */
    OffsetTracker(long first) {
        next = first;
        committed = first;
    }

    /** Notes a record that was taken; they are taken in the order of their offsets. */
    synchronized void started(long offset) {
        running.add(offset);
        next = offset + 1;
    }

    /** Notes that a record's outcome is durable. */
    synchronized void ended(long offset) {
        running.remove(offset);
        if (running.isEmpty()) {
            notifyAll();
        }
    }

    /** The offset to commit: that of the first record which is not done. */
    synchronized long committable() {
        return running.isEmpty() ? next : running.first();
    }

    /** Whether there is more to commit than was committed. */
    synchronized boolean hasProgress() {
        return committable() > committed;
    }

    synchronized void committed(long offset) {
        committed = Math.max(committed, offset);
    }

    synchronized int inFlight() {
        return running.size();
    }

    /** Waits until everything that was taken has ended, or the time is up. */
    synchronized void awaitIdle(long untilNanos) throws InterruptedException {
        for (var left = untilNanos - System.nanoTime(); !running.isEmpty() && left > 0; left = untilNanos - System.nanoTime()) {
            wait(Math.max(1, left / 1_000_000));
        }
    }
}
