package io.aerodb.functions.triggerbridge.dispatch;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has it said in the log when the window of a batch is over, so that reading the log again finds the end of the batch at the same place.
 * Thread-safe.
 */
public final class WindowEnds implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WindowEnds.class);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(500);

    private final Consumer<Duration> log;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("window-ends").daemon().factory());
    private final Set<Duration> awaited = ConcurrentHashMap.newKeySet();

    /** @param log says in the log that all windows are over that are no longer; it may fail */
    public WindowEnds(Consumer<Duration> log) {
        this.log = log;
    }

    /** A batch has begun whose changes may wait for so long. */
    void await(Duration window) {
        if (awaited.add(window)) {
            schedule(window, window);
        }
    }

    private void schedule(Duration window, Duration delay) {
        timer.schedule(() -> end(window), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void end(Duration window) {
        awaited.remove(window); // what begins from here on may stand behind it in the log, and needs another one
        try {
            log.accept(window);
        } catch (RuntimeException e) {
            LOG.atDebug().setCause(e).log("cannot say that a window is over, will try again");
            if (awaited.add(window) && !timer.isShutdown()) {
                schedule(window, RETRY_PAUSE);
            }
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
