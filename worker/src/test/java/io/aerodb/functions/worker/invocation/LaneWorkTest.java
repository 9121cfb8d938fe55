package io.aerodb.functions.worker.invocation;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LaneWorkTest {

    private static final TopicPartition FIRST = Records.FIRST;
    private static final TopicPartition SECOND = Records.SECOND;

    private final MovableClock clock = new MovableClock();
    private final FakeRunner runner = new FakeRunner();
    private final AtomicLong outcomes = new AtomicLong();
    private final LaneWork work = work(runner, 8);

    @AfterEach
    void close() {
        work.close();
    }

    @Test
    void commitsWhatIsDoneAndTellsWhatIsDoneBehindIt() {
        take(Records.at(10), Records.at(11), Records.at(12));
        awaitBegun(10L, 11L, 12L);
        assertEquals(Map.of(), work.news());
        runner.end(11);
        var told = work.news();
        assertEquals(10, told.get(FIRST).offset());
        work.committed(told);
        assertEquals(Map.of(), work.news());
        runner.end(10);
        assertEquals(12, work.news().get(FIRST).offset());
        assertFalse(work.isIdle());
        runner.end(12);
        assertEquals(Map.of(FIRST, new OffsetAndMetadata(13)), work.news());
        assertTrue(work.isIdle());
    }

    @Test
    void runsRecordsOfOneKeyOneAfterAnotherAndOthersSideBySide() {
        take(Records.keyed(0, "a"), Records.keyed(1, "a"), Records.keyed(2, "b"), Records.keyed(3, "a"), Records.at(4), Records.at(5));
        awaitBegun(0L, 2L, 4L, 5L);
        runner.end(2);
        runner.end(0);
        awaitBegun(0L, 2L, 4L, 5L, 1L);
        runner.end(1);
        awaitBegun(0L, 2L, 4L, 5L, 1L, 3L);
        runner.endAll();
        assertEquals(Map.of(FIRST, 6L), work.positions());
    }

    @Test
    void keepsTheOrderOfAKeyOverManyRecords() {
        for (var i = 0; i < 300; i++) {
            take(Records.keyed(i, "key" + i % 3));
        }
        while (runner.begun.size() < 300 || !work.isIdle()) {
            runner.endAll();
        }
        for (var key = 0; key < 3; key++) {
            var rest = key;
            var inOrder = runner.begun.stream().filter(offset -> offset % 3 == rest).toList();
            assertEquals(inOrder.stream().sorted().toList(), inOrder);
        }
        assertEquals(300, runner.begun.size());
    }

    @Test
    void handsAHeldRecordInAgainBeforeTheLaterOnesOfItsKeyAndKeepsNoSlotForIt() {
        runner.hold(0, Duration.ofSeconds(1));
        take(Records.keyed(0, "a"), Records.keyed(1, "a"), Records.keyed(2, "b"));
        awaitBegun(0L, 2L);
        await().until(() -> work.busySlots() == 0);
        assertEquals(2, work.waiting());
        work.tick();
        assertEquals(0, work.busySlots());
        runner.holdNoMore(0);
        clock.advance(Duration.ofSeconds(1));
        work.tick();
        awaitBegun(0L, 2L, 0L);
        runner.end(0);
        awaitBegun(0L, 2L, 0L, 1L);
    }

    @Test
    void triesARecordAgainThatCouldNotBeHandled() {
        var tries = new AtomicInteger();
        try (var breaking = work((_, durable) -> {
            if (tries.incrementAndGet() == 1) {
                throw new IllegalStateException("broken on purpose");
            }
            durable.run();
            return Optional.empty();
        }, 8)) {
            breaking.take(List.of(Records.at(0)));
            await().until(() -> breaking.waiting() == 1 && tries.get() == 1);
            clock.advance(Duration.ofSeconds(1));
            breaking.tick();
            await().until(breaking::isIdle);
        }
    }

    @Test
    void forgetsWhatHasNotBegunWhenAPartitionGoesAndLetsTheRestRunOn() {
        runner.hold(1, Duration.ofSeconds(1));
        take(Records.keyed(0, "a"), Records.keyed(1, "b"), Records.keyed(2, "a"), Records.of(SECOND, 7));
        awaitBegun(0L, 1L, -7L);
        await().until(() -> work.busySlots() == 0);
        var commits = work.handOver(List.of(FIRST), false);
        assertEquals(Map.of(FIRST, new OffsetAndMetadata(0)), commits);
        assertEquals(0, work.waiting());
        runner.end(0);
        clock.advance(Duration.ofSeconds(1));
        work.tick();
        assertEquals(Map.of(SECOND, 7L), work.positions());
        runner.end(-7);
        assertTrue(work.isIdle());
        assertEquals(List.of(-7L, 0L, 1L), runner.begun.stream().sorted().toList());
    }

    @Test
    void tellsTheNextOwnerWhatRunsOnWhoKeepsItUndoneUntilItsDeadlineHasPassed() {
        take(Records.at(0), Records.at(1));
        awaitBegun(0L, 1L);
        runner.end(1);
        var left = work.handOver(List.of(FIRST), true);
        var nextRunner = new FakeRunner();
        try (var next = work(nextRunner, 8)) {
            next.got(FIRST, left.get(FIRST));
            next.take(List.of(Records.at(0), Records.at(1), Records.at(2)));
            await().until(() -> nextRunner.begun.equals(List.of(2L)));
            nextRunner.end(2);
            assertEquals(0, next.commits().get(FIRST).offset());
            clock.advance(Duration.ofSeconds(61));
            next.tick();
            assertEquals(List.of(2L), nextRunner.begun);
            clock.advance(Duration.ofSeconds(1));
            next.tick();
            await().until(() -> nextRunner.begun.equals(List.of(2L, 0L)));
            nextRunner.end(0);
            assertEquals(new OffsetAndMetadata(3), next.commits().get(FIRST));
        }
    }

    @Test
    void runsNothingTwiceWhenAPartitionComesBackWhileItsRecordsRun() {
        take(Records.at(0), Records.at(1));
        awaitBegun(0L, 1L);
        work.letGo(List.of(FIRST));
        work.got(FIRST, new OffsetAndMetadata(0));
        take(Records.at(0));
        runner.end(1); // before it is taken again
        take(Records.at(1), Records.at(2));
        awaitBegun(0L, 1L, 2L);
        runner.end(2);
        assertEquals(Map.of(FIRST, 0L), work.positions());
        runner.end(0);
        assertEquals(Map.of(FIRST, 3L), work.positions());
        assertEquals(0, work.waiting());
    }

    @Test
    void asksAgainForWhatWasHeldAfterItsPartitionCameBack() {
        var held = new CountDownLatch(1);
        var begun = new AtomicInteger();
        try (var own = work((_, durable) -> {
            if (begun.incrementAndGet() == 1) {
                awaitQuietly(held);
                return Optional.of(Duration.ofSeconds(1));
            }
            durable.run();
            return Optional.empty();
        }, 8)) {
            own.take(List.of(Records.keyed(0, "a")));
            await().until(() -> begun.get() == 1);
            own.letGo(List.of(FIRST));
            own.got(FIRST, new OffsetAndMetadata(0));
            own.take(List.of(Records.keyed(0, "a"), Records.keyed(1, "a")));
            held.countDown();
            await().until(() -> own.waiting() == 2);
            clock.advance(Duration.ofSeconds(1));
            own.tick();
            await().until(own::isIdle);
            assertEquals(3, begun.get());
        }
    }

    @Test
    void isFullForAPartitionThatHasUsedItsPartUp() {
        work.got(FIRST, new OffsetAndMetadata(0));
        work.got(SECOND, new OffsetAndMetadata(0));
        for (var offset = 0; offset < 6; offset++) {
            assertEquals(Set.of(), work.full());
            take(Records.keyed(offset, "hot")); // the first one runs, the others wait for it
            awaitBegun(0L);
        }
        assertEquals(Set.of(FIRST), work.full());
        take(Records.of(SECOND, 1));
        awaitBegun(0L, -1L);
        runner.end(0);
        await().until(() -> work.full().isEmpty());
    }

    @Test
    void isFullByBytesToo() {
        take(Records.keyed(0, "a"));
        awaitBegun(0L);
        take(Records.record(FIRST, 1, "a", "f", Records.DEADLINE, 1 << 20));
        assertEquals(Set.of(FIRST), work.full());
    }

    @Test
    void takesNothingMoreWhileTooManyHaveRunWhoseOutcomesAreNotOnTheLog() {
        work.got(SECOND, new OffsetAndMetadata(0));
        for (var offset = 0; offset < 10; offset++) {
            assertEquals(Set.of(), work.full());
            take(Records.at(offset));
            var count = offset + 1;
            await().until(() -> runner.begun.size() == count && work.busySlots() == 0);
        }
        assertEquals(0, work.waiting());
        assertEquals(Set.of(FIRST, SECOND), work.full());
        work.letGo(List.of(FIRST)); // what has begun still is there
        assertEquals(Set.of(SECOND), work.full());
        runner.end(4);
        assertEquals(Set.of(), work.full());
    }

    @Test
    void takesNothingMoreWhileWhatHasRunTakesTooMuchMemory() {
        take(Records.record(FIRST, 0, null, "f", Records.DEADLINE, 1 << 20));
        awaitBegun(0L);
        assertEquals(Set.of(), work.full());
        outcomes.set(1 << 20);
        assertEquals(Set.of(FIRST), work.full());
        runner.end(0);
        assertEquals(Set.of(), work.full());
        outcomes.set(2 << 20);
        assertEquals(Set.of(FIRST), work.full());
    }

    @Test
    void waitsUntilNothingRunsAnyMoreAndNoLongerThanItMay() throws InterruptedException {
        work.awaitIdle(System.nanoTime() + TimeUnit.HOURS.toNanos(1));
        take(Records.at(0));
        awaitBegun(0L);
        work.awaitIdle(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(5));
        var ending = Thread.ofPlatform().start(() -> runner.end(0));
        work.awaitIdle(System.nanoTime() + TimeUnit.HOURS.toNanos(1));
        assertTrue(work.isIdle());
        ending.join();
    }

    /** Room for ten waiting records and a mebibyte, and for ten that have begun and two. */
    private LaneWork work(LaneWork.Runner its, int slots) {
        return new LaneWork(body -> new Slots(slots, slots, _ -> slots, clock, body), new MemoryLimit(10, 1 << 20, 2 << 20), its, outcomes::get, clock);
    }

    @SafeVarargs
    private final void take(ConsumerRecord<byte[], byte[]>... records) {
        var polled = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        for (var record : records) {
            polled.add(record);
        }
        work.take(polled);
    }

    /** In any order: slots run side by side. */
    private void awaitBegun(Long... offsets) {
        await().until(() -> runner.begun.stream().sorted().toList().equals(List.of(offsets).stream().sorted().toList()));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
