package io.aerodb.functions.admission;

import io.aerodb.functions.admission.CircuitDecision.Allowed;
import io.aerodb.functions.admission.CircuitDecision.Open;
import io.aerodb.functions.function.CircuitPolicy;
import io.aerodb.functions.function.FunctionName;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The circuits of all functions, as this process sees them: gateways and workers each count for themselves. The gauge
 * {@code functions_circuit_open} is 1 for a function whose circuit is open or being tried, else 0; functions without a circuit breaker,
 * and those not called for long, have none. Thread-safe; never blocks.
 */
public final class CircuitBreakers {

    private final FunctionStates<Metered> circuits;

    private record Metered(CircuitBreaker breaker, Meter gauge) {}

    public CircuitBreakers(MeterRegistry metrics) {
        this(metrics, System::nanoTime);
    }

    /** @param nanoTime {@link System#nanoTime} */
    CircuitBreakers(MeterRegistry metrics, LongSupplier nanoTime) {
        this.circuits = new FunctionStates<>(name -> metered(name, new CircuitBreaker(nanoTime), metrics),
                circuit -> circuit.breaker().isAsGoodAsNew(), circuit -> metrics.remove(circuit.gauge()));
    }

    /**
     * Asks for one call.
     *
     * @param policy of the function as it is now; empty lets every call through and forgets what was counted
     * @param longest how long the call may take; if it is the one that tries an open circuit and has not reported until then, another
     *     call tries
     */
    public CircuitDecision tryRun(FunctionName function, Optional<CircuitPolicy> policy, Duration longest) {
        if (policy.isEmpty()) {
            circuits.forget(function);
            return new Allowed(_ -> { });
        }
        return circuits.of(function).breaker().tryRun(policy.get(), longest);
    }

    /** What {@link #tryRun} would refuse with, without anything being counted; empty if it would let a call through. */
    Optional<Open> refusal(FunctionName function, Optional<CircuitPolicy> policy) {
        return policy.flatMap(current -> circuits.known(function).flatMap(circuit -> circuit.breaker().refusal(current)));
    }

    /** Forgets a function that is deleted. */
    public void deleted(FunctionName function) {
        circuits.forget(function);
    }

    private static Metered metered(FunctionName name, CircuitBreaker breaker, MeterRegistry metrics) {
        return new Metered(breaker, Gauge.builder("functions.circuit.open", breaker, circuit -> circuit.isClosed() ? 0 : 1)
                .description("Whether calls are refused because too many failed").tag("name", name.value()).register(metrics));
    }
}
