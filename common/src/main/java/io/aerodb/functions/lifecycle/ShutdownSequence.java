package io.aerodb.functions.lifecycle;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was started, to be stopped in the reverse order. A step that fails is logged and the others still run. Closing twice
 * does nothing the second time, and waits for the first.
 */
public final class ShutdownSequence implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ShutdownSequence.class);

    private final Deque<Step> steps = new ArrayDeque<>();

    private record Step(String name, AutoCloseable close) {}

    /** Adds something that has been started. @return the same, so that it can be kept */
    public synchronized <T extends AutoCloseable> T add(String name, T started) {
        steps.push(new Step(name, started));
        return started;
    }

    @Override
    public synchronized void close() {
        while (!steps.isEmpty()) {
            var step = steps.pop();
            try {
                step.close().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.atWarn().addKeyValue("part", step.name()).setCause(e).log("could not stop a part cleanly");
            }
        }
    }
}
