package io.aerodb.functions.worker.database;

import io.aerodb.functions.worker.database.wire.PostgresConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends what runs beyond its deadline. The server's own timeout comes first; just after it the query is cancelled from outside, and
 * 250 ms after the deadline the connection is cut, whatever the query does about cancellation. Thread-safe.
 *
 * <p>Its thread looks around every so often by itself, so that beginning a query, which must be cheap, need not wake it.
 */
final class Watchdog implements AutoCloseable {

    /** Leaves the server's own timeout the first move: a connection that was cancelled from outside cannot be kept. */
    private static final long CANCEL_AFTER_NANOS = Duration.ofMillis(30).toNanos();
    private static final long CUT_AFTER_NANOS = Duration.ofMillis(250).toNanos();
    private static final long NAP_NANOS = Duration.ofMillis(100).toNanos();
    private static final Duration CANCEL_TIMEOUT = Duration.ofMillis(200);

    private final Set<Guard> guards = ConcurrentHashMap.newKeySet();
    private final long startNanos = System.nanoTime();
    private final Thread thread;
    /** When the thread will look around next, since the start; the largest number while it does. */
    private volatile long nextLook = Long.MAX_VALUE;
    private volatile boolean closed;

    Watchdog() {
        thread = Thread.ofPlatform().name("guest-query-watchdog").daemon().start(this::keepWatch);
    }

    /** The watch over one query. Closing it ends the watch. */
    final class Guard implements AutoCloseable {

        private enum State { WATCHING, OVER, FIRED }

        private final PostgresConnection connection;
        private final long deadline;
        private final AtomicReference<State> state = new AtomicReference<>(State.WATCHING);
        private volatile boolean foundNobody;

        private Guard(PostgresConnection connection, long deadline) {
            this.connection = connection;
            this.deadline = deadline;
        }

        /** Whether the connection has been interfered with, so that nobody may use it any more. */
        boolean hasFired() {
            return state.get() == State.FIRED;
        }

        /** Whether the server could not even be reached for the cancellation. */
        boolean foundNobody() {
            return foundNobody;
        }

        /** @return when to look again */
        private long look(long now) {
            if (now < deadline + CANCEL_AFTER_NANOS) {
                return deadline + CANCEL_AFTER_NANOS;
            }
            if (state.compareAndSet(State.WATCHING, State.FIRED)) {
                Thread.ofVirtual().name("guest-query-cancel").start(this::cancel);
            }
            if (now < deadline + CUT_AFTER_NANOS) {
                return deadline + CUT_AFTER_NANOS;
            }
            if (hasFired()) {
                connection.abort();
            }
            guards.remove(this);
            return Long.MAX_VALUE;
        }

        private void cancel() {
            try {
                connection.cancel(CANCEL_TIMEOUT);
            } catch (IOException e) {
                // the cut comes in any case
                foundNobody = true;
            }
        }

        /** Whoever finds that it has fired throws the connection away. */
        @Override
        public void close() {
            state.compareAndSet(State.WATCHING, State.OVER);
            guards.remove(this);
        }
    }

    /** @param deadlineNanos as {@link System#nanoTime} counts */
    Guard watch(PostgresConnection connection, long deadlineNanos) {
        var guard = new Guard(connection, deadlineNanos - startNanos);
        guards.add(guard);
        if (guard.deadline < nextLook) {
            LockSupport.unpark(thread);
        }
        return guard;
    }

    private void keepWatch() {
        while (!closed) {
            nextLook = Long.MAX_VALUE;
            var now = System.nanoTime() - startNanos;
            var next = now + NAP_NANOS;
            for (var guard : guards) {
                next = Math.min(next, guard.look(now));
            }
            nextLook = next;
            LockSupport.parkNanos(next - now);
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
