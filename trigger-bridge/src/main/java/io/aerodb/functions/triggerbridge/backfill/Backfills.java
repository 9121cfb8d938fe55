package io.aerodb.functions.triggerbridge.backfill;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.triggerbridge.dispatch.ReadRequests;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Works off the backfills that are running, on a thread of its own, while it is this bridge's turn. */
public final class Backfills implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Backfills.class);
    private static final Duration STANDBY_PAUSE = Duration.ofMillis(500);
    private static final Duration AWAY_PAUSE = Duration.ofMillis(250);
    private static final Duration DEFECT_PAUSE = Duration.ofSeconds(2);

    private final BooleanSupplier isOurTurn;
    private final TableRows rows;
    private final BackfillRunner runner;
    private final Thread thread = Thread.ofPlatform().name("backfills").unstarted(this::runUntilClosed);
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean away;

    /**
     * @param own the services' own database, which has the backfills
     * @param source the application's, which has the rows
     * @param sourceSettings of the latter
     * @param requests used by nobody else
     */
    public Backfills(Database own, Database source, DatabaseSettings sourceSettings, ReadRequests requests, BooleanSupplier isOurTurn, MeterRegistry metrics) {
        this.isOurTurn = isOurTurn;
        this.rows = new TableRows(source, sourceSettings);
        this.runner = new BackfillRunner(new BackfillStore(own), new FunctionStore(own), rows, requests, metrics);
    }

    public void start() {
        thread.start();
    }

    private void runUntilClosed() {
        try {
            while (!closed.await(step().toNanos(), TimeUnit.NANOSECONDS)) {
                // that was the pause
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            rows.close();
        }
    }

    private Duration step() throws InterruptedException {
        if (!isOurTurn.getAsBoolean()) {
            rows.close();
            return STANDBY_PAUSE;
        }
        try {
            var pause = runner.goOn();
            away = false;
            return pause;
        } catch (UnavailableException e) {
            if (!away && closed.getCount() > 0) {
                LOG.atWarn().addKeyValue("dependency", e.dependency()).log("backfills wait: {}", e.getMessage());
                away = true;
            }
            return AWAY_PAUSE;
        } catch (RuntimeException e) {
            if (closed.getCount() > 0) {
                LOG.atError().setCause(e).log("a batch of a backfill failed, will take it again");
            }
            return DEFECT_PAUSE;
        }
    }

    /** Breaks a batch off, which is taken again by whoever has the turn next. */
    @Override
    public void close() throws InterruptedException {
        closed.countDown();
        thread.interrupt();
        thread.join();
    }
}
