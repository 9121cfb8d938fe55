package io.aerodb.functions.worker.invocation;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SlotsTest {

    private static final int MIB = 1 << 20;

    private final Slots slots = new Slots(2);
    private final CountDownLatch gate = new CountDownLatch(1);

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
        for (var i = 0; i < 200; i++) {
            slots.execute(1, () -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                Thread.onSpinWait();
                running.decrementAndGet();
                done.incrementAndGet();
            });
        }
        await().until(() -> done.get() == 200);
        assertTrue(most.get() <= 2, "ran at once: " + most);
    }

    @Test
    void usesEverySlot() {
        var together = new CountDownLatch(2);
        slots.execute(1, () -> meet(together));
        slots.execute(1, () -> meet(together));
        await().until(() -> together.getCount() == 0);
    }

    @Test
    void countsWhatRunsAndWhatWaits() {
        block(5);
        await().until(() -> slots.busy() == 2);
        assertEquals(3, slots.queued());
        gate.countDown();
        await().until(() -> slots.busy() == 0);
        assertEquals(0, slots.queued());
    }

    @Test
    void isFullAt64WaitingRecords() {
        block(2);
        await().until(() -> slots.busy() == 2);
        for (var waiting = 0; waiting < 64; waiting++) {
            assertFalse(slots.isFull(), "with " + waiting + " waiting");
            block(1);
        }
        assertTrue(slots.isFull());
        gate.countDown();
        await().until(() -> !slots.isFull());
    }

    @Test
    void keepsFourRecordsWaitingForEachSlotWhereThatIsMore() {
        try (var many = new Slots(20)) {
            for (var i = 0; i < 20; i++) {
                many.execute(0, this::waitAtTheGate);
            }
            await().until(() -> many.busy() == 20);
            for (var waiting = 0; waiting < 80; waiting++) {
                assertFalse(many.isFull(), "with " + waiting + " waiting");
                many.execute(0, this::waitAtTheGate);
            }
            assertTrue(many.isFull());
        }
    }

    @Test
    void isFullAt64WaitingMebibytes() {
        block(2);
        await().until(() -> slots.busy() == 2);
        slots.execute(63 * MIB, this::waitAtTheGate);
        assertFalse(slots.isFull());
        slots.execute(MIB, this::waitAtTheGate);
        assertTrue(slots.isFull());
        gate.countDown();
        await().until(() -> !slots.isFull());
    }

    @Test
    void forgetsTheBytesOfWhatHasStarted() {
        slots.execute(100 * MIB, this::waitAtTheGate);
        await().until(() -> slots.busy() == 1);
        assertFalse(slots.isFull());
    }

    @Test
    void startsWhatWaitsInTheOrderItCame() {
        var order = new CopyOnWriteArrayList<Integer>();
        try (var one = new Slots(1)) {
            one.execute(0, this::waitAtTheGate);
            for (var i = 0; i < 10; i++) {
                var number = i;
                one.execute(0, () -> order.add(number));
            }
            gate.countDown();
            await().until(() -> order.size() == 10);
        }
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), order);
    }

    @Test
    void losesNoSlotToATaskThatBreaks() {
        var broken = new AtomicInteger();
        for (var i = 0; i < 5; i++) {
            slots.execute(1, () -> {
                Thread.currentThread().setUncaughtExceptionHandler((_, _) -> broken.incrementAndGet());
                throw new IllegalStateException("broken");
            });
        }
        await().until(() -> broken.get() == 5);
        usesEverySlot();
        await().until(() -> slots.busy() == 0);
    }

    @Test
    void interruptsWhatStillRunsWhenItIsClosed() {
        var interrupted = new AtomicBoolean();
        slots.execute(1, () -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        });
        await().until(() -> slots.busy() == 1);
        slots.close();
        await().untilTrue(interrupted);
    }

    private void block(int tasks) {
        for (var i = 0; i < tasks; i++) {
            slots.execute(0, this::waitAtTheGate);
        }
    }

    private void waitAtTheGate() {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void meet(CountDownLatch together) {
        together.countDown();
        try {
            together.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
