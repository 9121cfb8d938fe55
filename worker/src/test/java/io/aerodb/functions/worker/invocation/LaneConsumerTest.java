package io.aerodb.functions.worker.invocation;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LaneConsumerTest {

    private static final TopicPartition FIRST = Records.FIRST;
    private static final TopicPartition SECOND = Records.SECOND;
    private static final Duration DRAIN = Duration.ofMinutes(1);

    private final MovableClock clock = new MovableClock();
    private final FakeRunner runner = new FakeRunner();
    private final LaneWork work = new LaneWork(body -> new Slots(8, 8, _ -> 8, clock, body), new MemoryLimit(10, 1 << 20, 1 << 20), runner,
            () -> 0, clock);
    private final Member member = new Member();
    private final Deque<Member> members = new ArrayDeque<>(List.of(member));
    private final Logger logger = (Logger) LoggerFactory.getLogger(LaneConsumer.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private LaneConsumer consumer = new LaneConsumer(LaneKind.INTERACTIVE, members::pop, work, DRAIN);

    /** A consumer whose commits can be made to fail. */
    private static final class Member extends MockConsumer<byte[], byte[]> {

        /** Unlike those of its superclass they are there before it subscribes, and when a partition is gone. */
        private final Map<TopicPartition, OffsetAndMetadata> commits = new ConcurrentHashMap<>();
        private final Deque<KafkaException> commitFailures = new ArrayDeque<>();

        Member() {
            super("earliest");
            updateBeginningOffsets(Map.of(FIRST, 0L, SECOND, 0L));
        }

        @Override
        public synchronized Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions, Duration timeout) {
            return partitions.stream().filter(commits::containsKey).collect(Collectors.toMap(Function.identity(), commits::get));
        }

        synchronized void failCommit(KafkaException failure) {
            commitFailures.add(failure);
        }

        @Override
        public synchronized void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets) {
            if (!commitFailures.isEmpty()) {
                throw commitFailures.pop();
            }
            super.commitSync(offsets);
            commits.putAll(offsets);
        }

        @Override
        public synchronized void commitAsync(Map<TopicPartition, OffsetAndMetadata> offsets, OffsetCommitCallback callback) {
            super.commitAsync(offsets, callback);
            commits.putAll(offsets);
        }
    }

    @BeforeEach
    void watchTheLog() {
        logged.start();
        logger.addAppender(logged);
    }

    @AfterEach
    void stop() throws InterruptedException {
        logger.detachAppender(logged);
        runner.endAll();
        consumer.close();
        work.close();
    }

    @Test
    void joinsRunsAndCommits() {
        consumer.start();
        assertFalse(consumer.hasJoined());
        own(FIRST);
        await().until(consumer::hasJoined);
        give(Records.at(0), Records.at(1));
        await().until(() -> runner.begun.size() == 2);
        runner.endAll();
        await().until(() -> new OffsetAndMetadata(2).equals(member.commits.get(FIRST)));
    }

    @Test
    void skipsWhatItsPredecessorHasDoneAndLeavesWhatRunsThereAlone() {
        var before = new OffsetTracker(0);
        for (var offset = 0; offset < 4; offset++) {
            before.take(offset);
        }
        before.done(1);
        member.commits.put(FIRST, before.commit(offset -> offset == 2));
        consumer.start();
        own(FIRST);
        give(Records.at(0), Records.at(1), Records.at(2), Records.at(3));
        await().until(() -> Set.copyOf(runner.begun).equals(Set.of(0L, 3L)));
        clock.advance(Duration.ofMinutes(2));
        await().until(() -> Set.copyOf(runner.begun).equals(Set.of(0L, 2L, 3L)));
    }

    @Test
    void letsAPartitionGoAtOnceAndTellsWhatRunsOn() {
        consumer.start();
        own(FIRST, SECOND);
        give(Records.at(0), Records.at(1), Records.of(SECOND, 5));
        await().until(() -> runner.begun.size() == 3);
        own(SECOND);
        await().until(() -> member.assignment().equals(Set.of(SECOND)));
        var left = new OffsetTracker(member.commits.get(FIRST));
        assertEquals(OffsetTracker.Next.LEAVE_ALONE, left.take(0));
        assertEquals(OffsetTracker.Next.LEAVE_ALONE, left.take(1));
        assertEquals(OffsetTracker.Next.RUN, left.take(2));
        runner.endAll();
        await().until(() -> new OffsetAndMetadata(6).equals(member.commits.get(SECOND)));
    }

    @Test
    void saysNothingOfWhatRunsOnWhereRunsAreClaimed() {
        consumer = new LaneConsumer(LaneKind.EVENTS, members::pop, work, DRAIN);
        consumer.start();
        own(FIRST);
        give(Records.at(0), Records.at(1));
        await().until(() -> runner.begun.size() == 2);
        runner.end(1);
        own();
        await().until(() -> member.assignment().isEmpty());
        var left = new OffsetTracker(member.commits.get(FIRST));
        assertEquals(OffsetTracker.Next.RUN, left.take(0));
        assertEquals(OffsetTracker.Next.SKIP, left.take(1));
    }

    @Test
    void pausesAFullPartitionAndReadsTheOthersOn() {
        consumer.start();
        own(FIRST, SECOND);
        give(Records.of(SECOND, 1), Records.keyed(0, "hot"), Records.keyed(1, "hot"), Records.keyed(2, "hot"), Records.keyed(3, "hot"),
                Records.keyed(4, "hot"), Records.keyed(5, "hot"));
        await().until(() -> member.paused().equals(Set.of(FIRST)));
        give(Records.of(SECOND, 2));
        await().until(() -> runner.begun.contains(-2L));
        runner.end(0);
        await().until(() -> member.paused().isEmpty());
    }

    @Test
    void takesACommitThatMeetsARebalanceAsNormal() {
        consumer.start();
        own(FIRST);
        give(Records.at(0));
        await().until(() -> runner.begun.size() == 1);
        member.failCommit(new RebalanceInProgressException("on purpose"));
        own();
        await().until(() -> member.assignment().isEmpty());
        assertEquals(List.of(), warnings());
    }

    @Test
    void namesTheReasonWithoutAStackTraceWhereKafkaIsAway() {
        consumer.start();
        own(FIRST);
        give(Records.at(0));
        await().until(() -> runner.begun.size() == 1);
        member.failCommit(new TimeoutException("no answer"));
        own();
        await().until(() -> !warnings().isEmpty());
        assertEquals("could not commit, some records will be seen again: no answer", warnings().getFirst().getFormattedMessage());
        assertNull(warnings().getFirst().getThrowableProxy());
    }

    @Test
    void joinsAnewWhenItsConsumerBreaks() {
        var second = new Member();
        members.add(second);
        consumer.start();
        own(FIRST);
        give(Records.at(0));
        await().until(() -> runner.begun.size() == 1);
        member.setPollException(new KafkaException("broken on purpose"));
        await().until(() -> !second.subscription().isEmpty());
        assertTrue(member.closed());
        second.schedulePollTask(() -> second.rebalance(List.of(FIRST)));
        await().until(() -> second.assignment().equals(Set.of(FIRST)));
        second.schedulePollTask(() -> List.of(Records.at(0), Records.at(1)).forEach(second::addRecord));
        await().until(() -> runner.begun.equals(List.of(0L, 1L)));
        runner.endAll();
        await().until(() -> new OffsetAndMetadata(2).equals(second.commits.get(FIRST)));
    }

    @Test
    void joinsAnewAfterAnErrorAndIsNoMemberMeanwhile() {
        var second = new Member();
        members.add(second);
        consumer.start();
        own(FIRST);
        await().until(consumer::hasJoined);
        member.schedulePollTask(() -> {
            throw new OutOfMemoryError("on purpose");
        });
        await().until(() -> !second.subscription().isEmpty());
        assertTrue(member.closed());
        assertFalse(consumer.hasJoined());
        second.schedulePollTask(() -> second.rebalance(List.of(FIRST)));
        await().until(consumer::hasJoined);
    }

    @Test
    void handsOverWhenItIsStoppedAndLetsLongRunsGoOn() throws InterruptedException {
        consumer.start();
        own(FIRST);
        give(Records.keyed(0, "a"), Records.keyed(1, "a"), Records.keyed(2, "b"));
        await().until(() -> runner.begun.size() == 2);
        runner.end(2);
        consumer.close();
        assertTrue(member.closed());
        var left = new OffsetTracker(member.commits.get(FIRST));
        assertEquals(OffsetTracker.Next.LEAVE_ALONE, left.take(0));
        assertEquals(OffsetTracker.Next.RUN, left.take(1));
        assertEquals(OffsetTracker.Next.SKIP, left.take(2));
        runner.end(0);
        assertTrue(work.isIdle());
        assertEquals(Set.of(0L, 2L), Set.copyOf(runner.begun));
    }

    private void own(TopicPartition... partitions) {
        member.schedulePollTask(() -> member.rebalance(List.of(partitions)));
        await().until(() -> member.assignment().equals(Set.of(partitions)));
    }

    @SafeVarargs
    private final void give(ConsumerRecord<byte[], byte[]>... records) {
        for (var record : records) {
            member.schedulePollTask(() -> member.addRecord(record));
        }
    }

    private List<ILoggingEvent> warnings() {
        return logged.list.stream().filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN)).toList();
    }
}
