package io.aerodb.functions.scheduler;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.scheduler.batch.Loop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoopTest {

    @Test
    void goesOnWhateverAStepThrows() throws InterruptedException {
        var failures = new ConcurrentLinkedQueue<Throwable>(List.of(
                new UnavailableException("kafka", "away"), new IllegalStateException("a defect"), new OutOfMemoryError("for once")));
        var wentOn = new CountDownLatch(1);
        try (var loop = new Loop("test", () -> {
            switch (failures.poll()) {
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case null, default -> wentOn.countDown();
            }
            return Duration.ofSeconds(1);
        })) {
            loop.start();
            assertTrue(wentOn.await(1, TimeUnit.MINUTES));
            assertTrue(loop.isAlive());
        }
    }
}
