package io.aerodb.functions.worker.recorder;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.invocation.DeadLetterList;
import io.aerodb.functions.invocation.InvocationClaims;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Keeps the invocation log's partitions in order and removes what has had its time, now and every hour. */
public final class Retention implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
    private static final Duration INTERVAL = Duration.ofHours(1);

    private final InvocationPartitions partitions;
    private final DeadLetterList deadLetters;
    private final InvocationClaims claims;
    private final RetentionSettings settings;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("retention").daemon().factory());

    public Retention(Database database, RetentionSettings settings) {
        this.partitions = new InvocationPartitions(database, settings);
        this.deadLetters = new DeadLetterList(database);
        this.claims = new InvocationClaims(database);
        this.settings = settings;
    }

    public void start() {
        timer.scheduleWithFixedDelay(this::maintain, 0, INTERVAL.toSeconds(), TimeUnit.SECONDS);
    }

    void maintain() {
        attempt("make the partitions of days to come", () -> partitions.makeAhead(partitions.today()));
        attempt("drop partitions whose time is over", () -> partitions.dropOld(partitions.today()));
        attempt("remove old successes", () -> partitions.removeSuccesses(partitions.today()));
        attempt("remove old dead letters", () -> deadLetters.removeOlderThan(Topics.DEAD_LETTER_RETENTION));
        attempt("forget old claims", () -> claims.removeOlderThan(settings.claims()));
    }

    /** One that fails keeps nobody from the others. */
    private void attempt(String what, Runnable step) {
        if (timer.isShutdown()) {
            return;
        }
        try {
            step.run();
        } catch (UnavailableException e) {
            warn(LOG.atWarn(), what + ", " + e.getMessage());
        } catch (RuntimeException e) {
            warn(LOG.atWarn().setCause(e), what);
        }
    }

    /** Whoever has been stopped lacks nothing. */
    private void warn(LoggingEventBuilder warning, String what) {
        if (!timer.isShutdown()) {
            warning.log("could not {}; will try again within the hour", what);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
