package io.aerodb.functions.triggerbridge;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.triggerbridge.capture.LogReader;
import io.aerodb.functions.triggerbridge.capture.Slot;
import io.aerodb.functions.triggerbridge.capture.SlotLostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
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
    /** So that another bridge takes the turn that this one has given up, if there is one. */
    private static final Duration YIELD_PAUSE = Duration.ofSeconds(3);
    /** A server that cannot reach us any more misses us after about 5 s, and gives the lock to another. */
    private static final String MISS_SOON = "SELECT set_config('tcp_keepalives_idle', '2', false), set_config('tcp_keepalives_interval', '1', false), set_config('tcp_keepalives_count', '3', false)";
    private static final String LOCK = "SELECT pg_try_advisory_lock(hashtext('aerodb_bridge.active'))";
    /** One that can be reached and hangs is missed as soon: its kernel goes on answering. */
    private static final String MISS_SOON_IF_IT_HANGS = "SELECT set_config('idle_session_timeout', '5s', false)";
    private static final String UNLOCK = "SELECT set_config('idle_session_timeout', '0', false), pg_advisory_unlock_all()";

    private final Database source;
    private final Slot slot;
    private final LongFunction<LogReader> readers;
    private final BooleanSupplier stuck;
    private final Thread thread = Thread.ofPlatform().name("active-turn").unstarted(this::runUntilClosed);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean active;
    private volatile boolean lost;
    private volatile boolean restart;
    private volatile @Nullable LogReader reader;
    private long startedNanos = System.nanoTime() - RESTART_PAUSE.toNanos();
    private boolean gaveUp;
    private boolean away;

    /**
     * @param readers makes one that has not been started, of the epoch under which it keeps how far it reads
     * @param stuck whether a reader that is alive does nothing any more
     */
    ActiveTurn(Database source, Slot slot, LongFunction<LogReader> readers, BooleanSupplier stuck) {
        this.source = source;
        this.slot = slot;
        this.readers = readers;
        this.stuck = stuck;
    }

    void start() {
        thread.start();
    }

    /** Whether this is the bridge that reads. */
    boolean isActive() {
        return active;
    }

    /** Whether it was this bridge's turn to read, and there was no slot to read from any more. */
    boolean isSlotLost() {
        return lost;
    }

    /** Whether it does what it has to: reads if it is its turn, and else waits for it. */
    boolean isWell() {
        var current = reader;
        return thread.isAlive() && !lost && (!active || current != null && current.isAlive());
    }

    /** Has what is read go by what a reader is made of anew. */
    void restartReader() {
        restart = true;
    }

    private void runUntilClosed() {
        try {
            do {
                takeTurn();
            } while (!closed.await((gaveUp ? YIELD_PAUSE : STANDBY_PAUSE).toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void takeTurn() {
        gaveUp = false;
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
            execute(connection, MISS_SOON_IF_IT_HANGS);
            while (closed.getCount() > 0 && connection.isValid(2)) {
                lookAfterReader();
                if (isStuck() || closed.await(LOOK_PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
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
                lost = false;
                unlock(connection);
            }
        }
    }

    private void lookAfterReader() {
        var current = reader;
        if (current != null && current.isAlive() && !restart) {
            return;
        }
        if (current != null) {
            stopReading();
            return; // that may have taken long, so whether it is still our turn is looked at first
        }
        if (System.nanoTime() - startedNanos < RESTART_PAUSE.toNanos()) {
            return; // it failed right away
        }
        startedNanos = System.nanoTime();
        restart = false;
        try {
            var epoch = slot.open();
            noteFound();
            slot.evict();
            var next = readers.apply(epoch);
            reader = next;
            next.start();
        } catch (SlotLostException e) {
            noteLost(e);
        }
    }

    private boolean isStuck() {
        gaveUp = reader != null && stuck.getAsBoolean();
        if (gaveUp) {
            LOG.atError().addKeyValue("slot", slot.name()).log("nothing was read for long, though Kafka and the application's database are there: this bridge gives its turn up");
        }
        return gaveUp;
    }

    private void stopReading() {
        var current = reader;
        reader = null;
        if (current != null) {
            current.close();
        }
    }

    private void noteLost(SlotLostException why) {
        if (!lost) {
            lost = true;
            LOG.atError().addKeyValue("slot", slot.name()).addKeyValue("reason", why.getMessage())
                    .log("THE REPLICATION SLOT IS LOST: changes since it was last read are not known to the trigger bridge, "
                            + "which reads nothing until an operator has decided what to do: see \"A lost slot\" in docs/database-triggers.md");
        }
    }

    private void noteFound() {
        if (lost) {
            lost = false;
            LOG.atInfo().addKeyValue("slot", slot.name()).log("there is a slot again");
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

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void unlock(Connection connection) {
        try {
            execute(connection, UNLOCK);
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
