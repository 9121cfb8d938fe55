package io.aerodb.functions.worker.wasm;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Interrupts the threads of runs that are past their end, one ticker thread for all of them; at most a tick late. */
final class Deadlines implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Deadlines.class);
    private static final Duration TICK = Duration.ofMillis(5);

    private final Set<Deadline> running = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Deadlines() {
        var ticker = new Thread(this::tick, "guest-deadlines");
        ticker.setDaemon(true);
        ticker.setPriority(Thread.MAX_PRIORITY);
        ticker.start();
    }

    /** Watches the current thread until {@link Deadline#end()}, which it has to call. */
    Deadline start(long endNanos) {
        var deadline = new Deadline(Thread.currentThread(), endNanos);
        running.add(deadline);
        return deadline;
    }

    @Override
    public void close() {
        closed = true;
    }

    private void tick() {
        while (!closed) {
            try {
                LockSupport.parkNanos(TICK.toNanos());
                var now = System.nanoTime();
                running.forEach(deadline -> deadline.fireIfPast(now));
            } catch (Throwable e) {
                // a ticker that dies would leave every run without an end
                complain(e);
            }
        }
    }

    private static void complain(Throwable e) {
        try {
            LOG.atError().setCause(e).log("a tick of the deadlines failed");
        } catch (Throwable again) {
            // there is nobody left to tell
        }
    }

    final class Deadline {

        private final Thread thread;
        private final long endNanos;
        private boolean ended;
        private boolean fired;

        private Deadline(Thread thread, long endNanos) {
            this.thread = thread;
            this.endNanos = endNanos;
        }

        /**
         * After this the thread is not interrupted any more, and not interrupted still.
         *
         * @return whether it was interrupted
         */
        boolean end() {
            running.remove(this);
            synchronized (this) {
                ended = true;
                if (fired) {
                    Thread.interrupted();
                }
                return fired;
            }
        }

        private void fireIfPast(long now) {
            if (now - endNanos < 0) {
                return;
            }
            running.remove(this);
            synchronized (this) {
                if (!ended) {
                    fired = true;
                    thread.interrupt();
                }
            }
        }
    }
}
