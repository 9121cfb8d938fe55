package io.aerodb.functions.scheduler.batch;

import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes one step after another on a thread of its own, and waits while Kafka or PostgreSQL is away. */
public final class Loop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
    private static final Duration AWAY_PAUSE = Duration.ofMillis(250);
    private static final Duration DEFECT_PAUSE = Duration.ofSeconds(2);

    private final String name;
    private final Step step;
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean away;

    /** What is done again and again. It must not be lost when it fails. */
    public interface Step {
        /** @return how long to wait before the next step; zero if there is more to do already */
        Duration take();
    }

    /** @param name of the thread, for logs too */
    public Loop(String name, Step step) {
        this.name = name;
        this.step = step;
        this.thread = Thread.ofPlatform().name(name).unstarted(this::runUntilClosed);
    }

    public void start() {
        thread.start();
    }

    public boolean isAlive() {
        return thread.isAlive();
    }

    private void runUntilClosed() {
        try {
            while (!closed.await(take().toNanos(), TimeUnit.NANOSECONDS)) {
                // that was the pause
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration take() {
        try {
            var pause = step.take();
            if (away) {
                LOG.atInfo().addKeyValue("loop", name).log("going on");
                away = false;
            }
            return pause;
        } catch (UnavailableException e) {
            if (!away) {
                LOG.atWarn().addKeyValue("loop", name).addKeyValue("dependency", e.dependency()).log("waiting: {}", e.getMessage());
                away = true;
            }
            return AWAY_PAUSE;
        } catch (RuntimeException | Error e) { // not even when memory ran out: nobody else would go on
            LOG.atError().addKeyValue("loop", name).setCause(e).log("a step failed, will take it again");
            return DEFECT_PAUSE;
        }
    }

    /** Lets the step that is being taken end. */
    @Override
    public void close() throws InterruptedException {
        closed.countDown();
        thread.join();
    }
}
