package io.aerodb.functions.worker.recorder;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.invocation.InvocationClaims;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the invocation log's partitions in order and removes what has had its time, now and every hour. */
public final class Retention implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
    private static final Duration INTERVAL = Duration.ofHours(1);

    private final InvocationPartitions partitions;
    private final Leftovers leftovers;
    private final ClaimRetention claims;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("retention").daemon().factory());

    public Retention(Database database, RetentionSettings settings, Clock clock) {
        this.partitions = new InvocationPartitions(database, settings, clock);
        this.leftovers = new Leftovers(database, clock);
        this.claims = new ClaimRetention(new InvocationClaims(database), settings.claims());
    }

    public void start() {
        timer.scheduleWithFixedDelay(this::maintain, 0, INTERVAL.toSeconds(), TimeUnit.SECONDS);
    }

    private void maintain() {
        try {
            partitions.maintain();
            leftovers.remove();
            claims.maintain();
        } catch (UnavailableException | DatabaseException e) {
            LOG.atWarn().setCause(e).log("could not maintain the tables of invocations; will try again within the hour");
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
