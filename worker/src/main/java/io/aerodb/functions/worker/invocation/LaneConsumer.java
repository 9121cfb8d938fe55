package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.kafka.Kafka;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes records from one topic as a member of a consumer group and hands them to slots. An offset is committed only after the
 * outcome of its record, and of all before it, is durable. When the slots are full, partitions are paused; the poll loop never
 * blocks, so the group never takes a busy worker for a dead one.
 */
final class LaneConsumer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LaneConsumer.class);
    /** A poll returns as soon as there are records; this only bounds how late a commit or a stop is noticed. */
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration POLL_WHILE_FULL = Duration.ofMillis(2);
    private static final Duration COMMIT_INTERVAL = Duration.ofMillis(100);
    private static final Duration HAND_OVER_PATIENCE = Duration.ofSeconds(15);
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);
    private static final int MAX_POLL_RECORDS = 500;

    private final Kafka kafka;
    private final String topic;
    private final String group;
    private final Slots slots;
    private final InvocationRunner runner;
    private final Duration drainTimeout;
    private final Map<TopicPartition, OffsetTracker> trackers = new ConcurrentHashMap<>();
    private final CountDownLatch joined = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean closed;

    LaneConsumer(Kafka kafka, String topic, String group, Slots slots, InvocationRunner runner, Duration drainTimeout) {
        this.kafka = kafka;
        this.topic = topic;
        this.group = group;
        this.slots = slots;
        this.runner = runner;
        this.drainTimeout = drainTimeout;
        this.thread = Thread.ofPlatform().name("poll-" + topic).unstarted(this::consumeUntilClosed);
    }

    void start() {
        thread.start();
    }

    /** Whether this worker has got its share of the lane. */
    boolean hasJoined() {
        return joined.getCount() == 0;
    }

    private void consumeUntilClosed() {
        while (!closed) {
            try (var consumer = kafka.groupConsumer(group, MAX_POLL_RECORDS, Duration.ZERO)) {
                consumer.subscribe(List.of(topic), new HandOver(consumer));
                consume(consumer);
                drain(consumer);
            } catch (RuntimeException e) {
                LOG.atError().addKeyValue("topic", topic).setCause(e).log("cannot take records, will try again");
                trackers.clear();
                pause();
            }
        }
    }

    private void consume(Consumer<byte[], byte[]> consumer) {
        var lastCommit = System.nanoTime();
        while (!closed) {
            var full = slots.isFull();
            if (full) {
                consumer.pause(consumer.assignment());
            } else if (!consumer.paused().isEmpty()) {
                consumer.resume(consumer.paused());
            }
            consumer.poll(full ? POLL_WHILE_FULL : POLL).forEach(this::take);
            if (System.nanoTime() - lastCommit >= COMMIT_INTERVAL.toNanos()) {
                commitAsync(consumer);
                lastCommit = System.nanoTime();
            }
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        var tracker = trackers.computeIfAbsent(new TopicPartition(record.topic(), record.partition()), _ -> new OffsetTracker(record.offset()));
        tracker.started(record.offset());
        var size = record.value() == null ? 0 : record.value().length;
        run(record, size, tracker);
    }

    private void run(ConsumerRecord<byte[], byte[]> record, int size, OffsetTracker tracker) {
        slots.execute(size, () -> runner.run(record, () -> tracker.ended(record.offset())).ifPresent(pause ->
                CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS).execute(() -> run(record, size, tracker))));
    }

    private void commitAsync(Consumer<byte[], byte[]> consumer) {
        var offsets = committable(trackers.keySet());
        if (!offsets.isEmpty()) {
            consumer.commitAsync(offsets, (committed, failure) -> {
                if (failure == null) {
                    noteCommitted(committed);
                } else {
                    LOG.atDebug().addKeyValue("topic", topic).setCause(failure).log("a commit failed; the next one covers it");
                }
            });
        }
    }

    private void commitSync(Consumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
        var offsets = committable(partitions);
        if (offsets.isEmpty()) {
            return;
        }
        try {
            consumer.commitSync(offsets, Duration.ofSeconds(5));
            noteCommitted(offsets);
        } catch (KafkaException e) {
            LOG.atWarn().addKeyValue("topic", topic).setCause(e).log("could not commit while letting go; some records will be seen again");
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> committable(Collection<TopicPartition> partitions) {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        for (var partition : partitions) {
            var tracker = trackers.get(partition);
            if (tracker != null && tracker.hasProgress()) {
                offsets.put(partition, new OffsetAndMetadata(tracker.committable()));
            }
        }
        return offsets;
    }

    private void noteCommitted(Map<TopicPartition, OffsetAndMetadata> offsets) {
        offsets.forEach((partition, offset) -> {
            var tracker = trackers.get(partition);
            if (tracker != null) {
                tracker.committed(offset.offset());
            }
        });
    }

    /** Takes nothing more, lets what runs end, commits, and leaves the group. */
    private void drain(Consumer<byte[], byte[]> consumer) {
        var end = System.nanoTime() + drainTimeout.toNanos();
        try {
            while (inFlight() > 0 && System.nanoTime() < end) {
                consumer.pause(consumer.assignment());
                consumer.poll(POLL).forEach(this::take); // paused: keeps the membership alive while functions end
            }
        } finally {
            commitSync(consumer, trackers.keySet());
        }
    }

    private int inFlight() {
        return trackers.values().stream().collect(Collectors.summingInt(OffsetTracker::inFlight));
    }

    private void pause() {
        try {
            Thread.sleep(RETRY_PAUSE);
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    /** Stops taking at once, and returns when everything taken has ended or the drain timeout is over. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
    }

    private final class HandOver implements ConsumerRebalanceListener {

        private final Consumer<byte[], byte[]> consumer;

        HandOver(Consumer<byte[], byte[]> consumer) {
            this.consumer = consumer;
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            joined.countDown();
            LOG.atInfo().addKeyValue("topic", topic).addKeyValue("partitions", partitions.size()).log("got partitions");
        }

        /** They go on elsewhere from what is committed here: so what runs ends first, and is committed. */
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            var end = System.nanoTime() + HAND_OVER_PATIENCE.toNanos();
            try {
                for (var partition : partitions) {
                    var tracker = trackers.get(partition);
                    if (tracker != null) {
                        tracker.awaitIdle(end);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            commitSync(consumer, partitions);
            trackers.keySet().removeAll(partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            trackers.keySet().removeAll(partitions);
        }
    }
}
