package io.aerodb.functions.worker.recorder;

import io.aerodb.functions.invocation.DeadLetterList;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the outcome log and the dead letters into rows, in batches: whatever one poll brings becomes one transaction of each, and
 * only then the offsets are committed. Seeing a record twice adds nothing. While PostgreSQL is away the topics keep what is to be
 * written.
 */
public final class Recorder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
    static final String GROUP = "functions-recorder";
    private static final int MAX_BATCH = 1000;
    /** How late a row may be: a transaction for each outcome would take processor time from the functions. */
    private static final Duration GATHERING = Duration.ofMillis(50);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(250);

    private final Kafka kafka;
    private final Pending pending;
    private final Thread thread = Thread.ofPlatform().name("recorder").unstarted(this::recordUntilClosed);
    private boolean databaseAway;

    private volatile boolean closed;

    public Recorder(Kafka kafka, InvocationLog log, DeadLetterList list, MeterRegistry metrics, Clock clock) {
        this.kafka = kafka;
        this.pending = new Pending(kafka, log, list, metrics, clock);
        TimeGauge.builder("recorder.lag", pending, TimeUnit.MILLISECONDS, Pending::age)
                .description("Age of the oldest outcome that was read and is not in function_invocations yet").register(metrics);
    }

    public void start() {
        thread.start();
    }

    /** Whether outcomes are being turned into rows, or wait for PostgreSQL to come back. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    private void recordUntilClosed() {
        while (!closed) {
            try (var consumer = kafka.groupConsumer(GROUP, MAX_BATCH, GATHERING)) {
                consumer.subscribe(List.of(Topics.INVOCATIONS, Topics.DEAD_LETTERS), new Forget());
                record(consumer);
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("cannot read the outcome log, will try again");
                pause();
            } catch (InterruptedException e) {
                closed = true;
            } finally {
                pending.clear();
            }
        }
    }

    private void record(Consumer<byte[], byte[]> consumer) throws InterruptedException {
        var committed = true;
        while (!closed) {
            var polled = consumer.poll(POLL);
            for (var record : polled) {
                pending.add(record);
            }
            if (polled.isEmpty() && pending.isEmpty() && committed) {
                continue;
            }
            if (write()) {
                committed = commit(consumer); // everything polled is taken care of
                consumer.resume(consumer.paused());
            } else {
                consumer.pause(consumer.assignment()); // keep polling, so that the group does not take us for dead
                pause();
            }
        }
    }

    /**
     * Workers come and go: the group then shares its partitions out anew, which goes on with the next poll and lets nobody commit
     * before. Who gets a partition whose offsets were not committed writes its outcomes again, and that adds nothing.
     *
     * @return whether the offsets are committed; false if that has to wait for the group
     */
    private static boolean commit(Consumer<byte[], byte[]> consumer) {
        try {
            consumer.commitSync();
            return true;
        } catch (RebalanceInProgressException | CommitFailedException e) {
            LOG.atDebug().setCause(e).log("the group is shared out anew; offsets are committed after that");
            return false;
        }
    }

    /** @return whether everything pending is in the database; false while that is away */
    private boolean write() throws InterruptedException {
        try {
            pending.write();
            noteDatabase(false);
            return true;
        } catch (UnavailableException e) {
            noteDatabase(true);
            return false;
        }
    }

    private void noteDatabase(boolean away) {
        if (away != databaseAway) {
            LOG.atWarn().log(away ? "PostgreSQL is away; outcomes wait on the log" : "PostgreSQL is back; writing outcomes again");
            databaseAway = away;
        }
    }

    private void pause() {
        try {
            Thread.sleep(RETRY_PAUSE);
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
        pending.close();
    }

    private final class Forget implements ConsumerRebalanceListener {

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            pending.forget(partitions);
        }
    }
}
