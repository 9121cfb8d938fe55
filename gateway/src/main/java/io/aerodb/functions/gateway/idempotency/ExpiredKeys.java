package io.aerodb.functions.gateway.idempotency;

import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes keys whose time is over, now and then. */
public final class ExpiredKeys implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ExpiredKeys.class);
    private static final Duration INTERVAL = Duration.ofMinutes(5);

    private final IdempotencyKeys keys;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("expired-keys").daemon().factory());

    public ExpiredKeys(IdempotencyKeys keys) {
        this.keys = keys;
    }

    public void start() {
        timer.scheduleWithFixedDelay(this::remove, INTERVAL.toSeconds(), INTERVAL.toSeconds(), TimeUnit.SECONDS);
    }

    private void remove() {
        try {
            int removed;
            do {
                removed = keys.removeExpired();
            } while (removed == IdempotencyKeys.REMOVED_AT_ONCE && !timer.isShutdown());
        } catch (UnavailableException | DatabaseException e) {
            LOG.atWarn().setCause(e).log("could not remove expired idempotency keys; will try again");
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
