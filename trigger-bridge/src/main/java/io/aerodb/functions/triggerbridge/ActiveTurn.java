package io.aerodb.functions.triggerbridge;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.triggerbridge.capture.LogReader;
import io.aerodb.functions.triggerbridge.capture.Slot;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that one bridge of all reads the log: the one whose session holds a lock in the application's database. When that session
 * ends, however that comes, another one takes its turn within a second.
 */
final class ActiveTurn implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ActiveTurn.class);
    private static final Duration STANDBY_PAUSE = Duration.ofMillis(500);
    private static final Duration LOOK_PAUSE = Duration.ofMillis(250);
    private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);
    /** Trying to lock a table holds its users up, so it is not done often. */
    private static final Duration RECONCILE_PAUSE = Duration.ofSeconds(30);
    /** A server that cannot reach us any more misses us after about 5 s, and gives the lock to another. */
    private static final String MISS_SOON = "SELECT set_config('tcp_keepalives_idle', '2', false), set_config('tcp_keepalives_interval', '1', false), set_config('tcp_keepalives_count', '3', false)";
    private static final String LOCK = "SELECT pg_try_advisory_lock(hashtext('aerodb_bridge.active'))";

    private final Database source;
    private final Slot slot;
    private final Supplier<LogReader> readers;
    private final Runnable reconcile;
    private final Thread thread = Thread.ofPlatform().name("active-turn").unstarted(this::runUntilClosed);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean active;
    private volatile boolean lost;
    private volatile boolean triggersChanged = true;
    private volatile @Nullable LogReader reader;
    private long reconciledNanos = System.nanoTime() - RECONCILE_PAUSE.toNanos();
    private long startedNanos = System.nanoTime() - RESTART_PAUSE.toNanos();
    private boolean reconcileFailed;
    private boolean away;

    /**
     * @param readers makes one that has not been started
     * @param reconcile has the changes of just those tables captured that functions need
     */
    ActiveTurn(Database source, Slot slot, Supplier<LogReader> readers, Runnable reconcile) {
        this.source = source;
        this.slot = slot;
        this.readers = readers;
        this.reconcile = reconcile;
    }

    void start() {
        thread.start();
    }

    /** Whether this is the bridge that reads. */
    boolean isActive() {
        return active;
    }

    /** Whether it does what it has to: reads if it is its turn, and else waits for it. */
    boolean isWell() {
        var current = reader;
        return thread.isAlive() && !lost && (!active || current != null && current.isAlive());
    }

    /** To be called when functions may need other tables. */
    void triggersChanged() {
        triggersChanged = true;
    }

    private void runUntilClosed() {
        try {
            do {
                takeTurn();
            } while (!closed.await(STANDBY_PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void takeTurn() {
        try {
            source.run(connection -> {
                if (lock(connection)) {
                    lead(connection);
                }
                return null;
            });
        } catch (UnavailableException | DatabaseException e) {
            if (!away && closed.getCount() > 0) {
                LOG.atWarn().log("waiting for the application's database: {}", String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage()));
                away = true;
            }
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("a turn to read ended, will try again");
        }
    }

    private void lead(Connection connection) throws SQLException {
        LOG.atInfo().addKeyValue("slot", slot.name()).log("it is this bridge's turn to read");
        active = true;
        away = false;
        try {
            while (closed.getCount() > 0 && connection.isValid(2)) {
                lookAfterReader();
                lookAfterTables();
                if (closed.await(LOOK_PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            try {
                stopReading();
            } finally {
                active = false;
                unlock(connection);
            }
        }
    }

    private void lookAfterReader() {
        var current = reader;
        if (current != null && current.isAlive()) {
            return;
        }
        stopReading();
        if (System.nanoTime() - startedNanos < RESTART_PAUSE.toNanos()) {
            return; // it failed right away
        }
        startedNanos = System.nanoTime();
        var found = slot.ensure();
        noteLost(!found);
        if (found) {
            slot.evict();
            var next = readers.get();
            reader = next;
            next.start();
        }
    }

    private void lookAfterTables() {
        if (!triggersChanged || System.nanoTime() - reconciledNanos < RECONCILE_PAUSE.toNanos() && reconcileFailed) {
            return;
        }
        triggersChanged = false;
        try {
            reconcile.run();
            reconcileFailed = false;
        } catch (DatabaseException | UnavailableException | InvalidFunctionException e) {
            triggersChanged = true;
            reconcileFailed = true;
            LOG.atError().log("cannot capture the changes of the tables that functions need, will try again: {}", e.getMessage());
        }
        reconciledNanos = System.nanoTime();
    }

    private void stopReading() {
        var current = reader;
        reader = null;
        if (current != null) {
            current.close();
        }
    }

    private void noteLost(boolean now) {
        if (now != lost) {
            lost = now;
            if (now) {
                LOG.atError().addKeyValue("slot", slot.name()).log("THE REPLICATION SLOT IS LOST: changes since it was last read are not known to the trigger bridge, "
                        + "which reads nothing until an operator has decided what to do: see \"A lost slot\" in docs/database-triggers.md");
            } else {
                LOG.atInfo().addKeyValue("slot", slot.name()).log("there is a slot again");
            }
        }
    }

    private static boolean lock(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(MISS_SOON);
            try (var rows = statement.executeQuery(LOCK)) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }

    private static void unlock(Connection connection) {
        try (var statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_unlock_all()");
        } catch (SQLException e) {
            // the session is gone, and the lock with it
        }
    }

    /** Lets what is being handled end. */
    @Override
    public void close() throws InterruptedException {
        closed.countDown();
        thread.join();
    }
}
