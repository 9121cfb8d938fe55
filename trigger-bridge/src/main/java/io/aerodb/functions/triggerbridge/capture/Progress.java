package io.aerodb.functions.triggerbridge.capture;

import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.spi.OffsetCommitPolicy;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps how far the log was read, twice a second and on a thread of its own, so that changes do not wait for it. The server is told that
 * we are done only with what has been kept: that is what Debezium asks {@link SlotOffsets} for.
 */
final class Progress implements OffsetCommitPolicy {

    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
    private static final Duration INTERVAL = Duration.ofMillis(500);

    private final Runnable verify;
    private final BooleanSupplier ours;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(Thread.ofPlatform().name("log-progress").factory());
    private @Nullable RecordCommitter<RecordChangeEvent<SourceRecord>> committer;
    private @Nullable RecordChangeEvent<SourceRecord> done;
    private long keptNanos = System.nanoTime();
    private boolean keeping;
    private boolean verified;
    private boolean closed;
    private volatile boolean failed;
    private volatile @Nullable Thread keeper;

    /**
     * @param verify called once, before anything is kept; throws if nothing may be
     * @param ours whether what is kept is not refused, as another bridge keeps it now
     */
    Progress(Runnable verify, BooleanSupplier ours) {
        this.verify = verify;
        this.ours = ours;
    }

    /** Whether nothing can be kept, so that it makes no sense to read on. */
    boolean hasFailed() {
        return failed;
    }

    /** All events up to this one have been dealt with. @param event null if there is none after which reading could go on */
    synchronized void dealtWith(@Nullable RecordChangeEvent<SourceRecord> event, RecordCommitter<RecordChangeEvent<SourceRecord>> with)
            throws InterruptedException {
        committer = with;
        done = event == null ? done : event;
        looked();
        if (closed && !keeping) {
            keepAtOnce();
        }
    }

    /** Debezium asks after each look for changes that has found none, and when we keep something. */
    @Override
    public boolean performCommit(long events, Duration since) {
        if (Thread.currentThread() == keeper) {
            return true;
        }
        try {
            looked();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private synchronized void looked() throws InterruptedException {
        if (keeping || closed || failed || committer == null || System.nanoTime() - keptNanos < INTERVAL.toNanos()) {
            return;
        }
        keeping = true;
        if (verified) {
            mark();
        }
        thread.execute(verified ? this::keep : this::verify);
    }

    private void verify() {
        try {
            verify.run();
            ended(true);
        } catch (RuntimeException e) {
            LOG.atWarn().log("reading ends, as it cannot be kept how far it came: {}", e.getMessage());
            failed = true;
        }
    }

    private void keep() {
        try {
            commit();
            if (!ours.getAsBoolean()) {
                LOG.atWarn().log("reading ends, as another bridge has begun to keep how far it came");
                failed = true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) { // Debezium has logged why, and it is tried again
            LOG.atDebug().setCause(e).log("could not keep how far the log was read");
        }
        ended(true);
    }

    private synchronized void ended(boolean nowVerified) {
        verified = nowVerified;
        keeping = false;
        keptNanos = System.nanoTime();
    }

    private void mark() throws InterruptedException {
        if (done != null && committer != null) {
            committer.markProcessed(done);
            done = null;
        }
    }

    private void commit() throws InterruptedException {
        keeper = Thread.currentThread();
        try {
            if (committer != null) {
                committer.markBatchFinished();
            }
        } finally {
            keeper = null;
        }
    }

    private void keepAtOnce() throws InterruptedException {
        if (verified && !failed) {
            mark();
            commit();
        }
    }

    /** Keeps what there is, and from now on at once what is still dealt with. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        thread.close();
        synchronized (this) {
            try {
                keepAtOnce();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.atDebug().setCause(e).log("could not keep how far the log was read, it will be read again");
            }
        }
    }
}
