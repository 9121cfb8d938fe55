package io.aerodb.functions.triggerbridge;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PulseTest {

    private final AtomicLong nanos = new AtomicLong();
    private final Pulse pulse = new Pulse(new SimpleMeterRegistry(), nanos::get);

    @Test
    void isStuckWhenNothingWasHeardForAMinute() {
        pass(59);
        assertFalse(pulse.isStuck(false));
        pass(2);
        assertTrue(pulse.isStuck(false));
        pulse.heard();
        assertFalse(pulse.isStuck(false));
    }

    @Test
    void isNotStuckBeforeAMinuteInWhichItCouldHaveBeenHeard() {
        pass(300);
        assertFalse(pulse.isStuck(true), "others are away");
        assertFalse(pulse.isFelt());
        pass(59);
        assertFalse(pulse.isStuck(false), "they have come back only now");
        pass(2);
        assertTrue(pulse.isStuck(false));
    }

    private void pass(int seconds) {
        nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }
}
