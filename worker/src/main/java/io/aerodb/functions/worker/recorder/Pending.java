package io.aerodb.functions.worker.recorder;

import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.invocation.DeadLetter;
import io.aerodb.functions.invocation.DeadLetterList;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.kafka.DeadLetters;
import io.aerodb.functions.kafka.EntryCodec;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.kafka.UnreadableRecordException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was polled, but is not yet in the database. A record that can never be is put to the dead letters, unless it is one: then it
 * is passed over. Belongs to one thread, but for its age.
 */
final class Pending implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Pending.class);

    private final InvocationLog log;
    private final DeadLetterList list;
    private final Producer<byte[], byte[]> deadLetters;
    private final Clock clock;
    private final Counter rows;
    private final List<Outcome> outcomes = new ArrayList<>();
    private final List<DeadLetter> letters = new ArrayList<>();
    /** When the oldest of the outcomes was put on the log; {@code Long.MAX_VALUE} while there is none. */
    private volatile long oldestMillis = Long.MAX_VALUE;

    private record Outcome(ConsumerRecord<byte[], byte[]> record, InvocationEntry entry) {}

    Pending(Kafka kafka, InvocationLog log, DeadLetterList list, MeterRegistry metrics, Clock clock) {
        this.log = log;
        this.list = list;
        this.deadLetters = kafka.producer(Duration.ofSeconds(30), Duration.ofSeconds(5), 16 << 20);
        this.clock = clock;
        this.rows = Counter.builder("recorder.rows").description("Outcomes written to function_invocations").register(metrics);
    }

    boolean isEmpty() {
        return outcomes.isEmpty() && letters.isEmpty();
    }

    /** Of the oldest outcome, in milliseconds; 0 while there is none. May be called by any thread. */
    long age() {
        return Math.max(0, clock.millis() - oldestMillis);
    }

    void add(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
        if (record.topic().equals(Topics.DEAD_LETTERS)) {
            letters.add(DeadLetters.decode(record, clock.instant()));
            return;
        }
        try {
            outcomes.add(new Outcome(record, EntryCodec.decode(record)));
            oldestMillis = Math.min(oldestMillis, record.timestamp());
        } catch (UnreadableRecordException e) {
            putAside(record, e.getMessage());
        }
    }

    /** Leaves nothing pending. @throws UnavailableException while PostgreSQL is away: all stays as it is */
    void write() throws InterruptedException {
        writeOutcomes();
        writeLetters();
        clear();
    }

    /** What was polled from a partition that goes is written by whoever gets it. */
    void forget(Collection<TopicPartition> partitions) {
        outcomes.removeIf(outcome -> partitions.contains(new TopicPartition(outcome.record().topic(), outcome.record().partition())));
        letters.removeIf(letter -> partitions.contains(new TopicPartition(letter.position().topic(), letter.position().partition())));
        oldestMillis = outcomes.stream().mapToLong(outcome -> outcome.record().timestamp()).min().orElse(Long.MAX_VALUE);
    }

    void clear() {
        outcomes.clear();
        letters.clear();
        oldestMillis = Long.MAX_VALUE;
    }

    private void writeOutcomes() throws InterruptedException {
        try {
            log.append(outcomes.stream().map(Outcome::entry).toList());
            rows.increment(outcomes.size());
        } catch (DatabaseException e) {
            LOG.atWarn().setCause(e).log("PostgreSQL refused a batch of outcomes, will write them one by one");
            for (var outcome : outcomes) {
                writeAlone(outcome);
            }
        }
    }

    private void writeAlone(Outcome outcome) throws InterruptedException {
        try {
            log.append(List.of(outcome.entry()));
            rows.increment();
        } catch (DatabaseException e) {
            if (!e.isAboutValues()) {
                throw new UnavailableException("postgres", e); // it is read-only, or lacks a right: no other row would be taken either
            }
            putAside(outcome.record(), "PostgreSQL refused the row: " + e.sqlState());
        }
    }

    private void writeLetters() {
        if (letters.isEmpty()) {
            return;
        }
        try {
            list.append(letters);
        } catch (DatabaseException e) {
            LOG.atWarn().setCause(e).log("PostgreSQL refused a batch of dead letters, will write them one by one");
            letters.forEach(this::writeAlone);
        }
    }

    private void writeAlone(DeadLetter letter) {
        try {
            list.append(List.of(letter));
        } catch (DatabaseException e) {
            LOG.atError().setCause(e).addKeyValue("partition", letter.position().partition()).addKeyValue("offset", letter.position().offset())
                    .log("a dead letter cannot be listed; it stays on its topic");
        }
    }

    private void putAside(ConsumerRecord<byte[], byte[]> record, String reason) throws InterruptedException {
        LOG.atWarn().addKeyValue("partition", record.partition()).addKeyValue("offset", record.offset())
                .log("put an outcome to the dead letters: {}", reason);
        try {
            deadLetters.send(DeadLetters.encode(record, reason, 0, null)).get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof RecordTooLargeException)) {
                throw new KafkaException("the dead letter was not taken", e.getCause());
            }
            putAsideWithoutValue(record, reason);
        }
    }

    private void putAsideWithoutValue(ConsumerRecord<byte[], byte[]> record, String reason) throws InterruptedException {
        try {
            deadLetters.send(DeadLetters.encodeWithoutValue(record, reason, 0, null)).get();
        } catch (ExecutionException e) {
            throw new KafkaException("the dead letter was not taken", e.getCause());
        }
    }

    @Override
    public void close() {
        deadLetters.close(Duration.ofSeconds(5));
    }
}
