package io.aerodb.functions.worker.wasm;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlinesTest {

    private final Deadlines deadlines = new Deadlines();

    @AfterEach
    void close() {
        deadlines.close();
    }

    @Test
    void noInterruptIsLeftBehindHoweverNearTheEndIs() {
        var fired = 0;
        for (var i = 0; i < 400; i++) {
            var start = System.nanoTime();
            var deadline = deadlines.start(start + 1_000_000);
            var stop = start + ThreadLocalRandom.current().nextLong(7_000_000);
            while (System.nanoTime() < stop) {
                Thread.onSpinWait();
            }
            fired += deadline.end() ? 1 : 0;
            assertFalse(Thread.currentThread().isInterrupted());
        }
        assertTrue(fired > 0 && fired < 400, "both ends were met: " + fired);
    }

    @Test
    void oneThreadThatCannotBeInterruptedDoesNotHarmTheOthers() {
        var started = new CompletableFuture<Void>();
        var stubborn = new Thread(() -> {
            deadlines.start(System.nanoTime());
            started.complete(null);
            LockSupport.parkNanos(Duration.ofSeconds(20).toNanos());
        }) {
            @Override
            public void interrupt() {
                throw new IllegalStateException("I will not be interrupted");
            }
        };
        stubborn.setDaemon(true);
        stubborn.start();
        started.join();
        for (var i = 0; i < 3; i++) {
            var deadline = deadlines.start(System.nanoTime());
            var giveUp = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (!Thread.currentThread().isInterrupted() && System.nanoTime() < giveUp) {
                Thread.onSpinWait();
            }
            assertTrue(deadline.end());
        }
        LockSupport.unpark(stubborn);
    }
}
