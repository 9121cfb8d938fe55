package io.aerodb.functions.worker.recorder;

import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.DeadLetters;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.kafka.UnreadableRecordException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the outcome log into rows, in batches: whatever one poll brings becomes one transaction, and only then the offsets are
 * committed. Seeing an outcome twice adds nothing. While PostgreSQL is away the log keeps what is to be written.
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
    private final InvocationLog log;
    private final Producer<byte[], byte[]> deadLetters;
    private final Counter rows;
    private final Thread thread = Thread.ofPlatform().name("recorder").unstarted(this::recordUntilClosed);
    /** Polled, but not yet in the database. */
    private final List<End> pending = new ArrayList<>();
    private boolean databaseAway;

    private volatile boolean closed;

    private record End(ConsumerRecord<byte[], byte[]> record, InvocationEntry completed) {}

    public Recorder(Kafka kafka, InvocationLog log, MeterRegistry metrics) {
        this.kafka = kafka;
        this.log = log;
        this.deadLetters = kafka.producer(Duration.ofSeconds(30), Duration.ofSeconds(5), 16 << 20);
        this.rows = Counter.builder("recorder.rows").description("Outcomes written to function_invocations").register(metrics);
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
                consumer.subscribe(List.of(Topics.INVOCATIONS), new Forget());
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
                read(record);
            }
            if (polled.isEmpty() && pending.isEmpty() && committed) {
                continue;
            }
            if (write()) {
                pending.clear();
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

    private void read(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
        try {
            pending.add(new End(record, EntryCodec.decode(record)));
        } catch (UnreadableRecordException e) {
            deadLetter(record, e.getMessage());
        }
    }

    /** @return whether everything pending is in the database; false while that is away */
    private boolean write() throws InterruptedException {
        try {
            append(pending);
            noteDatabase(false);
            return true;
        } catch (UnavailableException e) {
            noteDatabase(true);
            return false;
        }
    }

    private void append(List<End> ends) throws InterruptedException {
        if (ends.isEmpty()) {
            return;
        }
        try {
            log.append(ends.stream().map(End::completed).toList());
            rows.increment(ends.size());
        } catch (DatabaseException e) {
            LOG.atWarn().setCause(e).log("PostgreSQL refused a batch of outcomes, will write them one by one");
            for (var end : ends) {
                appendAlone(end);
            }
        }
    }

    private void appendAlone(End end) throws InterruptedException {
        try {
            log.append(List.of(end.completed()));
            rows.increment();
        } catch (DatabaseException e) {
            deadLetter(end.record(), "PostgreSQL refused the row: " + e.sqlState());
        }
    }

    private void deadLetter(ConsumerRecord<byte[], byte[]> record, String reason) throws InterruptedException {
        LOG.atWarn().addKeyValue("partition", record.partition()).addKeyValue("offset", record.offset())
                .log("put an outcome to the dead letters: {}", reason);
        try {
            deadLetters.send(DeadLetters.encode(record, reason)).get();
        } catch (ExecutionException e) {
            throw new KafkaException("the dead letter was not taken", e.getCause());
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
        deadLetters.close(Duration.ofSeconds(5));
    }

    /** What was polled from a partition that goes is written by whoever gets it. */
    private final class Forget implements ConsumerRebalanceListener {

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            pending.removeIf(end -> partitions.contains(new TopicPartition(end.record().topic(), end.record().partition())));
        }
    }
}
