package io.aerodb.functions.triggerbridge;

import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.source.Capture;
import io.aerodb.functions.source.IdentityKey;
import io.aerodb.functions.source.WatchedTables;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.TableName;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that the changes of just those tables are captured that functions need, while it is this bridge's turn: also after tables
 * were dropped and made again, or have got partitions. It looks every few seconds, and alters only what is not as it should be.
 */
final class TableKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TableKeeper.class);
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    /** However often it is told to look. */
    private static final Duration SHORTEST = Duration.ofMillis(250);
    /** Trying to lock a table holds its users up, so it is not tried often. */
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(30);

    private final WatchedTables tables;
    private final Supplier<List<DatabaseTrigger>> wanted;
    private final BooleanSupplier active;
    private final Runnable keyChanged;
    private final Semaphore asked = new Semaphore(0);
    private final Thread thread = Thread.ofPlatform().name("table-keeper").unstarted(this::lookUntilClosed);
    private final Map<TableName, Long> failedNanos = new HashMap<>();
    /** Of which it was warned. */
    private final Set<TableName> missing = new HashSet<>();
    private final Set<TableName> partitions = new HashSet<>();
    /** As they should be when they were last looked at. */
    private final Set<TableName> captured = new HashSet<>();
    private @Nullable IdentityKey key;
    private boolean failed;
    private volatile boolean closed;

    /**
     * @param wanted all that changes are captured for
     * @param active whether it is this bridge's turn
     * @param keyChanged told that what was signed up to now, and what is from now on, goes by different keys
     */
    TableKeeper(WatchedTables tables, Supplier<List<DatabaseTrigger>> wanted, BooleanSupplier active, Runnable keyChanged) {
        this.tables = tables;
        this.wanted = wanted;
        this.active = active;
        this.keyChanged = keyChanged;
    }

    void start() {
        thread.start();
    }

    /** To be called when functions may need other tables. */
    void look() {
        asked.release();
    }

    private void lookUntilClosed() {
        try {
            while (!closed) {
                if (active.getAsBoolean()) {
                    keep();
                }
                Thread.sleep(SHORTEST);
                asked.tryAcquire(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
                asked.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void keep() {
        try {
            tables.prepare();
            watchKey();
            var needed = needed();
            var found = tables.compare(needed);
            warn(found.missing(), missing, "changes are wanted of a table that there is not, or whose changes are not logged");
            warn(found.partitions(), partitions, "changes are wanted of a table that is a partition: name the partitioned table instead; "
                    + "once that one is captured all changes are told as its own, and nothing is told of the partition any more");
            found.uncaptured().forEach(each -> attempt(each.table(), () -> attach(each)));
            found.superfluous().forEach(each -> attempt(each, () -> release(each)));
            captured.clear();
            needed.stream().filter(each -> !found.uncaptured().contains(each)).map(Capture::table).forEach(captured::add);
            failed = false;
        } catch (DatabaseException | UnavailableException | InvalidFunctionException e) {
            if (!failed) {
                LOG.atError().log("cannot look after the tables whose changes are captured, will try again: {}", reason(e));
            }
            failed = true;
        } catch (RuntimeException e) { // of one look only
            LOG.atError().setCause(e).log("cannot look after the tables whose changes are captured, will try again");
        }
    }

    private static void warn(Set<TableName> tables, Set<TableName> warned, String what) {
        tables.stream().filter(warned::add).forEach(table -> LOG.atWarn().addKeyValue("table", table).log(what));
        warned.retainAll(tables);
    }

    private void watchKey() {
        var now = tables.identityKey().orElse(null);
        if (key != null && now != null && !now.isSame(key)) {
            LOG.atWarn().log("there is another key that signs who makes changes: those that were signed by the old one, and not read yet, run as anon");
            keyChanged.run();
        }
        key = now;
    }

    private void attach(Capture needed) {
        if (tables.attach(needed)) {
            LOG.atInfo().addKeyValue("table", needed.table()).log("set the replica identity to FULL, as functions need rows as they were before");
        }
        if (captured.contains(needed.table())) {
            LOG.atWarn().addKeyValue("table", needed.table()).log("the changes of a table were not captured any more, or not as functions need them; now they are again");
        } else {
            LOG.atInfo().addKeyValue("table", needed.table()).log("captures the changes of a table");
        }
    }

    private void release(TableName table) {
        tables.release(table, () -> needed().stream().map(Capture::table).collect(Collectors.toSet()));
        LOG.atInfo().addKeyValue("table", table).log("captures the changes of a table no more, as no function needs them");
    }

    private void attempt(TableName table, Runnable alteration) {
        var before = failedNanos.get(table);
        if (closed || before != null && System.nanoTime() - before < RETRY_PAUSE.toNanos()) {
            return;
        }
        try {
            alteration.run();
            failedNanos.remove(table);
        } catch (DatabaseException | UnavailableException | InvalidFunctionException e) {
            failedNanos.put(table, System.nanoTime());
            LOG.atError().addKeyValue("table", table).log("cannot have the changes of a table captured as functions need them, will try again: {}", reason(e));
        }
    }

    private List<Capture> needed() {
        return Capture.of(wanted.get());
    }

    private static String reason(RuntimeException e) {
        return String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        look();
        thread.join();
    }
}
