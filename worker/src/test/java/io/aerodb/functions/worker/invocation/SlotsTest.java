package io.aerodb.functions.worker.invocation;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SlotsTest {

    private final MovableClock clock = new MovableClock();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final List<Long> begun = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> limits = new ConcurrentHashMap<>();
    private Slots slots = slots(4, 2, this::waitAtTheGate);

    @AfterEach
    void close() {
        gate.countDown();
        slots.close();
    }

    @Test
    void runsNoMoreAtOnceThanThereAreSlots() {
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        var done = new AtomicInteger();
        slots = slots(2, 2, _ -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            Thread.onSpinWait();
            running.decrementAndGet();
            done.incrementAndGet();
        });
        submit(0, 200, "f");
        await().until(() -> done.get() == 200);
        assertTrue(most.get() <= 2, "ran at once: " + most);
    }

    @Test
    void countsWhatRunsAndWhatWaits() {
        submit(0, 2, "f");
        submit(2, 5, "g");
        await().until(() -> begun.size() == 4);
        assertEquals(4, slots.busy());
        assertEquals(1, slots.queued());
        gate.countDown();
        await().until(() -> slots.busy() == 0);
        assertEquals(0, slots.queued());
    }

    @Test
    void givesOneFunctionNeverAllSlots() {
        submit(0, 100, "greedy");
        await().until(() -> begun.size() == 2);
        submit(100, 101, "other");
        await().until(() -> begun.contains(100L));
        assertEquals(3, slots.busy());
        assertEquals(98, slots.queued());
    }

    @Test
    void handsSlotsOutByTurnsOverFunctions() {
        slots = slots(1, 1, record -> {
            if (record.offset() == 0) {
                waitAtTheGate(record);
            } else {
                begun.add(record.offset());
            }
        });
        submit(0, 1, "first");
        await().until(() -> slots.busy() == 1);
        submit(1, 4, "a");
        submit(4, 6, "b");
        submit(6, 7, "c");
        gate.countDown();
        await().until(() -> begun.size() == 7);
        assertEquals(List.of(0L, 1L, 4L, 6L, 2L, 5L, 3L), begun);
    }

    @Test
    void keepsAFunctionWithinALimitOfItsOwn() {
        limits.put("limited", 1);
        submit(0, 3, "limited");
        await().until(() -> begun.size() == 1);
        submit(3, 4, "other");
        await().until(() -> begun.contains(3L));
        assertEquals(List.of(0L, 3L), begun);
        limits.put("limited", 2);
        slots.review();
        await().until(() -> begun.contains(1L));
        assertEquals(1, slots.queued());
    }

    @Test
    void letsWhatHasExpiredPastWhatRunsAndWaits() {
        submit(0, 10, "f");
        submit(10, 20, "g");
        await().until(() -> begun.size() == 4);
        slots.submit(LaneRecord.of(Records.record(Records.FIRST, 99, null, "f", Requests.NOW, 0)));
        await().until(() -> begun.contains(99L));
    }

    @Test
    void letsWhatExpiresWhileItWaitsPastWhatRuns() {
        var ended = new CopyOnWriteArrayList<Long>();
        slots = slots(1, 1, record -> {
            if (record.offset() == 0) {
                waitAtTheGate(record);
            } else {
                ended.add(record.offset());
            }
        });
        submit(0, 1, "f");
        await().until(() -> slots.busy() == 1);
        submit(1, 50, "f");
        clock.advance(Duration.ofMinutes(1));
        slots.review();
        await().until(() -> ended.size() == 49);
        assertEquals(1, slots.busy());
    }

    @Test
    void runsNothingThatWasRemoved() {
        submit(0, 4, "f");
        await().until(() -> begun.size() == 2);
        assertEquals(2, slots.removeIf(_ -> true).size());
        gate.countDown();
        await().until(() -> slots.busy() == 0);
        assertEquals(List.of(0L, 1L), begun.stream().sorted().toList());
    }

    @Test
    void losesNoSlotToATaskThatBreaks() {
        var broken = new AtomicInteger();
        slots = slots(1, 1, _ -> {
            Thread.currentThread().setUncaughtExceptionHandler((_, _) -> broken.incrementAndGet());
            throw new IllegalStateException("broken");
        });
        submit(0, 1, "f");
        await().until(() -> broken.get() == 1);
        submit(1, 2, "f");
        await().until(() -> broken.get() == 2);
        assertEquals(0, slots.busy());
    }

    @Test
    void interruptsWhatStillRunsAndBeginsNothingMoreWhenItIsClosed() {
        var interrupted = new AtomicBoolean();
        slots = slots(1, 1, record -> {
            begun.add(record.offset());
            try {
                gate.await();
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        });
        submit(0, 2, "f");
        await().until(() -> begun.size() == 1);
        slots.close();
        await().untilTrue(interrupted);
        await().until(() -> slots.busy() == 0);
        assertEquals(List.of(0L), begun);
    }

    private Slots slots(int count, int perFunction, Consumer<LaneRecord> body) {
        return new Slots(count, perFunction, name -> limits.getOrDefault(name.value(), Integer.MAX_VALUE), clock, body);
    }

    private void submit(long from, long end, String function) {
        for (var offset = from; offset < end; offset++) {
            slots.submit(Records.lane(offset, function));
        }
    }

    private void waitAtTheGate(LaneRecord record) {
        begun.add(record.offset());
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
