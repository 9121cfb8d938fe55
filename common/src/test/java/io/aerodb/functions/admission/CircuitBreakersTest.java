package io.aerodb.functions.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.CircuitPolicy;
import io.aerodb.functions.function.FunctionName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CircuitBreakersTest {

    private static final FunctionName HELLO = new FunctionName("hello");
    private static final Optional<CircuitPolicy> POLICY = Optional.of(new CircuitPolicy(50, Duration.ofSeconds(10), 1, Duration.ofSeconds(5)));

    private final MovableNanos nanos = new MovableNanos();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final CircuitBreakers circuits = new CircuitBreakers(metrics, nanos);

    @Test
    void letsEverythingThroughWithoutAPolicyAndRemembersNothing() {
        for (var i = 0; i < 100; i++) {
            call(Optional.empty(), Verdict.FAILURE);
        }
        assertEquals(0, metrics.getMeters().size());
    }

    @Test
    void showsWhichCircuitsAreOpen() {
        call(POLICY, Verdict.SUCCESS);
        circuits.tryRun(new FunctionName("other"), POLICY, Duration.ofSeconds(1));
        assertEquals(0, gauge());
        call(POLICY, Verdict.FAILURE);
        assertEquals(1, gauge());
        nanos.forwardMillis(5000);
        assertEquals(1, gauge(), "until a call has succeeded");
        call(POLICY, Verdict.SUCCESS);
        assertEquals(0, gauge());
        assertEquals(2, metrics.find("functions.circuit.open").gauges().size());
    }

    @Test
    void forgetsTheCircuitOfAFunctionThatHasNoneAnyMore() {
        call(POLICY, Verdict.FAILURE);
        assertInstanceOf(CircuitDecision.Open.class, circuits.tryRun(HELLO, POLICY, Duration.ofSeconds(1)));
        call(Optional.empty(), Verdict.FAILURE);
        assertEquals(0, metrics.getMeters().size());
        call(POLICY, Verdict.SUCCESS);
        assertEquals(0, gauge());
    }

    @Test
    void keepsFewGaugesOfFunctionsThatAreNotCalledAnyMore() {
        for (var i = 0; i < 5000; i++) {
            circuits.tryRun(new FunctionName("f" + i), POLICY, Duration.ofSeconds(1));
            nanos.forwardMillis(1000);
        }
        assertTrue(metrics.getMeters().size() <= FunctionStates.SWEEP_FROM, () -> "" + metrics.getMeters().size());
    }

    private void call(Optional<CircuitPolicy> policy, Verdict verdict) {
        assertInstanceOf(CircuitDecision.Allowed.class, circuits.tryRun(HELLO, policy, Duration.ofSeconds(1))).end(verdict);
    }

    private double gauge() {
        return metrics.get("functions.circuit.open").tag("name", "hello").gauge().value();
    }
}
