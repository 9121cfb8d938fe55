package io.aerodb.functions.scheduler.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LagTest {

    private final AtomicLong time = new AtomicLong(42);
    private final Lag lag = new Lag(time::get);

    @Test
    void growsUntilSomebodyLooksAgain() {
        lag.seen(Duration.ofMillis(30));
        pass(Duration.ofMillis(20));
        assertEquals(Duration.ofMillis(50), lag.now());
        lag.seen(Duration.ZERO);
        assertEquals(Duration.ZERO, lag.now());
    }

    @Test
    void isNoneBeforeAnythingCanBeLate() {
        lag.seen(Duration.ofMillis(-150));
        pass(Duration.ofMillis(150));
        assertEquals(Duration.ZERO, lag.now());
        pass(Duration.ofSeconds(1));
        assertEquals(Duration.ofSeconds(1), lag.now());
    }

    private void pass(Duration duration) {
        time.addAndGet(duration.toNanos());
    }
}
