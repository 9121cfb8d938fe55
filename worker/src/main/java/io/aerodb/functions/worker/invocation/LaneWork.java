package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.kafka.RequestCodec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a lane has taken from the log and is not done with: which records wait for a slot, for another one of their key or for a time,
 * which run or have an outcome that is not on the log yet, and what of all that may be committed. Thread-safe.
 *
 * <p>A record is known by its place on the log, so what began while a partition was here before counts when the partition is back.
 */
final class LaneWork implements AutoCloseable {

    /** What a record is run by. */
    interface Runner {

        /**
         * Returns when the record's function has ended.
         *
         * @param durable to be called once what became of the record is on the log, by any thread; never for one that is left undone
         * @return empty if the record is taken care of, or else after how long to ask again
         */
        Optional<Duration> run(ConsumerRecord<byte[], byte[]> record, Runnable durable);
    }

    private static final Logger LOG = LoggerFactory.getLogger(LaneWork.class);
    /** For the outcome's way to the log, and for clocks that differ. */
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final Duration RETRY_AFTER_BREAKING = Duration.ofSeconds(1);

    private final Runner runner;
    private final MemoryLimit limit;
    private final LongSupplier outcomes;
    private final Clock clock;
    private final Slots slots;
    private final Map<TopicPartition, Partition> partitions = new HashMap<>();
    private final KeyOrder keys = new KeyOrder();
    private final PriorityQueue<Later> later = new PriorityQueue<>(Comparator.comparing(Later::at));
    private final BegunRecords begun = new BegunRecords();

    private static final class Partition {

        private final OffsetTracker tracker;
        private int waiting;
        private long waitingBytes;

        Partition(OffsetTracker tracker) {
            this.tracker = tracker;
        }

        void waits(LaneRecord record) {
            waiting++;
            waitingBytes += record.bytes();
        }

        void waitsNoMore(LaneRecord record) {
            waiting--;
            waitingBytes -= record.bytes();
        }
    }

    private record Later(Instant at, LaneRecord record) {}

    /**
     * @param slots makes the places where records are run, which are closed here
     * @param outcomes bytes of what is on its way to the log
     */
    LaneWork(Function<Consumer<LaneRecord>, Slots> slots, MemoryLimit limit, Runner runner, LongSupplier outcomes, Clock clock) {
        this.runner = runner;
        this.limit = limit;
        this.outcomes = outcomes;
        this.clock = clock;
        this.slots = slots.apply(this::run);
    }

    /** Notes a partition that is this worker's from now on. @param committed what the worker before it has left */
    synchronized void got(TopicPartition partition, OffsetAndMetadata committed) {
        partitions.put(partition, new Partition(new OffsetTracker(committed)));
    }

    /** Takes records over, in the order of the log. */
    void take(Iterable<ConsumerRecord<byte[], byte[]>> records) {
        var taken = new ArrayList<LaneRecord>();
        records.forEach(record -> taken.add(LaneRecord.of(record)));
        if (!taken.isEmpty()) {
            enter(taken).forEach(slots::submit);
        }
    }

    /** @return what waits for nothing but a slot */
    private synchronized List<LaneRecord> enter(List<LaneRecord> taken) {
        return taken.stream().filter(this::enter).toList();
    }

    private boolean enter(LaneRecord record) {
        var partition = partitions.computeIfAbsent(record.partition(), _ -> new Partition(new OffsetTracker(record.offset())));
        var next = partition.tracker.take(record.offset());
        if (next == OffsetTracker.Next.SKIP) {
            return false;
        }
        var first = keys.enter(record);
        if (begun.contains(record.partition(), record.offset())) {
            return false; // begun here before the partition went and came back
        }
        partition.waits(record);
        if (next == OffsetTracker.Next.LEAVE_ALONE) {
            later.add(new Later(record.deadline().isBefore(Instant.MAX) ? record.deadline().plus(GRACE) : clock.instant(), record));
            return false;
        }
        return first;
    }

    private void run(LaneRecord record) {
        if (!begin(record)) {
            return;
        }
        var again = Optional.of(RETRY_AFTER_BREAKING);
        try {
            again = runner.run(record.record(), () -> done(record));
            ended(record);
        } catch (RuntimeException | Error e) {
            LOG.atError().addKeyValue("topic", record.record().topic()).addKeyValue("partition", record.record().partition())
                    .addKeyValue("offset", record.offset()).addKeyValue("invocationId", RequestCodec.idUnchecked(record.record()).orElse("unknown"))
                    .setCause(e).log("a record could not be handled, will try again");
        }
        again.ifPresent(pause -> hold(record, pause));
    }

    private synchronized boolean begin(LaneRecord record) {
        var partition = partitions.get(record.partition());
        if (partition == null || !partition.tracker.isOpen(record.offset()) || !begun.add(record)) {
            return false;
        }
        partition.waitsNoMore(record);
        return true;
    }

    private synchronized void hold(LaneRecord record, Duration pause) {
        if (!begun.remove(record)) {
            return; // done all the same
        }
        var partition = partitions.get(record.partition());
        if (partition != null && partition.tracker.isOpen(record.offset())) {
            partition.waits(record);
            later.add(new Later(clock.instant().plus(pause), record));
        }
        notifyAll();
    }

    private synchronized void ended(LaneRecord record) {
        begun.ended(record);
    }

    private void done(LaneRecord record) {
        leave(record).ifPresent(slots::submit);
    }

    /** @return the next one of its key */
    private synchronized Optional<LaneRecord> leave(LaneRecord record) {
        begun.remove(record);
        notifyAll();
        var partition = partitions.get(record.partition());
        if (partition == null) {
            return Optional.empty();
        }
        partition.tracker.done(record.offset());
        return keys.leave(record);
    }

    /** To be called every few milliseconds: hands in again what was held until now. */
    void tick() {
        due().forEach(slots::submit);
    }

    /** To be called several times a second: lets what has expired pass the rest, and follows limits that have changed. */
    void review() {
        slots.review();
    }

    private synchronized List<LaneRecord> due() {
        var now = clock.instant();
        var due = new ArrayList<LaneRecord>();
        while (!later.isEmpty() && !later.peek().at().isAfter(now)) {
            due.add(later.poll().record());
        }
        return due;
    }

    /** Of these partitions no more should be taken for now: of all, where Kafka does not take what became of those before. */
    synchronized Set<TopicPartition> full() {
        if (limit.isReachedByBegun(begun.count(), begun.endedBytes() + outcomes.getAsLong())) {
            return Set.copyOf(partitions.keySet());
        }
        return partitions.entrySet().stream()
                .filter(entry -> limit.isReachedByWaiting(entry.getValue().waiting, entry.getValue().waitingBytes, partitions.size()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** How far every partition is. */
    synchronized Map<TopicPartition, OffsetAndMetadata> commits() {
        var commits = new HashMap<TopicPartition, OffsetAndMetadata>();
        partitions.forEach((name, partition) -> commits.put(name, partition.tracker.commit(_ -> false)));
        return commits;
    }

    /** How far those are that got further since they were last committed. */
    synchronized Map<TopicPartition, OffsetAndMetadata> news() {
        var commits = commits();
        commits.entrySet().removeIf(entry -> !partitions.get(entry.getKey()).tracker.isNews(entry.getValue()));
        return commits;
    }

    synchronized void committed(Map<TopicPartition, OffsetAndMetadata> commits) {
        commits.forEach((name, commit) -> {
            var partition = partitions.get(name);
            if (partition != null) {
                partition.tracker.committed(commit);
            }
        });
    }

    /** Lets partitions go: forgets what has not begun, while what runs there runs on. */
    synchronized void letGo(Collection<TopicPartition> gone) {
        slots.removeIf(record -> gone.contains(record.partition()));
        later.removeIf(entry -> gone.contains(entry.record().partition()));
        gone.forEach(keys::forget);
        partitions.keySet().removeAll(gone);
    }

    /**
     * The same, in good order.
     *
     * @param leaveAlone whether the next owner is to be told what runs on here
     * @return what to commit for the next owner
     */
    synchronized Map<TopicPartition, OffsetAndMetadata> handOver(Collection<TopicPartition> gone, boolean leaveAlone) {
        var commits = new HashMap<TopicPartition, OffsetAndMetadata>();
        for (var name : gone) {
            var partition = partitions.get(name);
            if (partition != null) {
                commits.put(name, partition.tracker.commit(offset -> leaveAlone && begun.contains(name, offset)));
            }
        }
        letGo(gone);
        return commits;
    }

    synchronized boolean has(TopicPartition partition) {
        return partitions.containsKey(partition);
    }

    /** The offset of the first record of each partition that is not done. */
    synchronized Map<TopicPartition, Long> positions() {
        return partitions.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().tracker.committable()));
    }

    /** Records taken that have not begun, whatever they wait for. */
    synchronized int waiting() {
        return partitions.values().stream().mapToInt(partition -> partition.waiting).sum();
    }

    /** Whether everything taken is done. */
    synchronized boolean isIdle() {
        return begun.isEmpty() && waiting() == 0;
    }

    int busySlots() {
        return slots.busy();
    }

    /** Waits until nothing runs any more, or the time is up. */
    synchronized void awaitIdle(long untilNanos) throws InterruptedException {
        for (var left = untilNanos - System.nanoTime(); !begun.isEmpty() && left > 0; left = untilNanos - System.nanoTime()) {
            wait(Math.max(1, left / 1_000_000));
        }
    }

    /** Begins nothing more and interrupts what runs; that stays undone. */
    @Override
    public void close() {
        slots.close();
    }
}
