package io.aerodb.functions.worker.invocation;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Takes records from one topic as a member of a consumer group, and commits what of them is done. Its loop never waits for a function:
 * a partition of which enough waits already is paused, and one that goes to another worker goes at once, with a commit that tells what
 * is done and, on the interactive lane, what runs on here.
 */
final class LaneConsumer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LaneConsumer.class);
    /** A poll returns as soon as there are records; this only bounds how late anything else is noticed. */
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration REVIEW_INTERVAL = Duration.ofMillis(100);
    /** For an answer that is needed before anything goes on. */
    private static final Duration BROKER_PATIENCE = Duration.ofSeconds(5);
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

    private final LaneKind kind;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final LaneWork work;
    private final Duration drainTimeout;
    private final Thread thread;
    private volatile boolean joined;
    private volatile boolean stopping;
    private boolean interrupted;

    /** @param consumers makes members of the lane's group, each of which is closed here */
    LaneConsumer(LaneKind kind, Supplier<Consumer<byte[], byte[]>> consumers, LaneWork work, Duration drainTimeout) {
        this.kind = kind;
        this.consumers = consumers;
        this.work = work;
        this.drainTimeout = drainTimeout;
        this.thread = Thread.ofPlatform().name("poll-" + kind.topic()).unstarted(this::consumeUntilStopped);
    }

    void start() {
        thread.start();
    }

    /** Whether this worker is a member of the group and has got its share of the lane. */
    boolean hasJoined() {
        return joined;
    }

    private void consumeUntilStopped() {
        while (!stopping) {
            try {
                consumeAsMember();
            } catch (RuntimeException | Error e) { // after an error, too: without this thread the lane would stand still
                if (e instanceof RetriableException || e.getCause() instanceof RetriableException) {
                    LOG.atWarn().addKeyValue("topic", kind.topic()).log("cannot take records, will try again: {}", e.getMessage());
                } else {
                    LOG.atError().addKeyValue("topic", kind.topic()).setCause(e).log("cannot take records, will try again");
                }
                pause();
            }
        }
    }

    private void consumeAsMember() {
        try (var consumer = consumers.get()) {
            var handOver = new HandOver(consumer);
            consumer.subscribe(List.of(kind.topic()), handOver);
            consume(consumer);
            finish(consumer);
            handOver.onPartitionsRevoked(consumer.assignment());
            consumer.close(CloseOptions.timeout(BROKER_PATIENCE));
        } finally {
            joined = false;
            work.letGo(work.positions().keySet());
        }
    }

    private void consume(Consumer<byte[], byte[]> consumer) {
        var lastReview = System.nanoTime();
        while (!stopping) {
            pauseWhatIsFull(consumer);
            work.take(consumer.poll(POLL));
            work.tick();
            if (System.nanoTime() - lastReview >= REVIEW_INTERVAL.toNanos()) {
                commitAsync(consumer);
                work.review();
                lastReview = System.nanoTime();
            }
        }
    }

    private void pauseWhatIsFull(Consumer<byte[], byte[]> consumer) {
        var full = new HashSet<>(work.full());
        full.retainAll(consumer.assignment());
        var free = new HashSet<>(consumer.paused());
        free.removeAll(full);
        consumer.pause(full);
        consumer.resume(free);
    }

    private void commitAsync(Consumer<byte[], byte[]> consumer) {
        var news = work.news();
        if (news.isEmpty()) {
            return;
        }
        consumer.commitAsync(news, (committed, failure) -> {
            if (failure == null) {
                work.committed(committed);
            } else {
                LOG.atLevel(passes(failure) ? Level.DEBUG : Level.WARN).addKeyValue("topic", kind.topic())
                        .log("a commit failed, the next one covers it: {}", failure.getMessage());
            }
        });
    }

    private static boolean passes(Exception failure) {
        return failure instanceof RetriableException || failure instanceof RebalanceInProgressException || failure instanceof CommitFailedException;
    }

    /**
     * Takes nothing more. What was taken may go on for a moment, so that short runs end before the partitions go; it stays a member of the
     * group until then. Returns when a commit is possible, for the one that hands over must not meet a rebalance.
     */
    private void finish(Consumer<byte[], byte[]> consumer) {
        var patience = kind.patience().compareTo(drainTimeout) < 0 ? kind.patience() : drainTimeout;
        var end = System.nanoTime() + patience.toNanos();
        while (!work.isIdle() && System.nanoTime() < end) {
            pollPaused(consumer);
            work.tick();
        }
        if (patience.equals(drainTimeout)) {
            interrupted = true;
            work.close();
        }
        var settled = System.nanoTime() + BROKER_PATIENCE.toNanos();
        while (!commitSync(consumer, work.commits()) && System.nanoTime() < settled) {
            pollPaused(consumer);
        }
    }

    private void pollPaused(Consumer<byte[], byte[]> consumer) {
        consumer.pause(consumer.assignment());
        work.take(consumer.poll(POLL));
    }

    /** @return false if the group is being shared out anew, which needs more polls before a commit is possible */
    private boolean commitSync(Consumer<byte[], byte[]> consumer, Map<TopicPartition, OffsetAndMetadata> offsets) {
        try {
            consumer.commitSync(offsets, BROKER_PATIENCE);
            work.committed(offsets);
        } catch (RebalanceInProgressException e) {
            return false;
        } catch (CommitFailedException e) {
            LOG.atInfo().addKeyValue("topic", kind.topic()).log("the group went on without this worker; others see some of its records again");
        } catch (KafkaException e) {
            LOG.atWarn().addKeyValue("topic", kind.topic()).log("could not commit, some records will be seen again: {}", e.getMessage());
        }
        return true;
    }

    private void pause() {
        try {
            Thread.sleep(RETRY_PAUSE);
        } catch (InterruptedException e) {
            stopping = true;
        }
    }

    /** Begins to stop: takes nothing more. */
    void stop() {
        stopping = true;
    }

    /** Stops, and returns when the partitions are handed over; what runs then runs on. */
    @Override
    public void close() throws InterruptedException {
        stop();
        thread.join();
    }

    private final class HandOver implements ConsumerRebalanceListener {

        private final Consumer<byte[], byte[]> consumer;

        HandOver(Consumer<byte[], byte[]> consumer) {
            this.consumer = consumer;
        }

        /** @throws KafkaException if it cannot be known what the workers before have left; the lane then joins anew */
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            if (stopping) {
                consumer.pause(partitions);
            }
            if (!partitions.isEmpty()) {
                consumer.committed(Set.copyOf(partitions), BROKER_PATIENCE).forEach((partition, committed) -> {
                    if (committed != null) {
                        work.got(partition, committed);
                    }
                });
            }
            joined = true;
            LOG.atInfo().addKeyValue("topic", kind.topic()).addKeyValue("partitions", partitions.size()).log("got partitions");
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            var commits = work.handOver(partitions, kind.tellsWhatRunsOn() && !interrupted);
            if (!commits.isEmpty() && !commitSync(consumer, commits)) {
                LOG.atInfo().addKeyValue("topic", kind.topic()).log("could not commit while the group is shared out anew; some records will be seen again");
            }
        }

        /** Others have them already, so a commit would be wrong. */
        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            joined = false;
            work.letGo(partitions);
        }
    }
}
