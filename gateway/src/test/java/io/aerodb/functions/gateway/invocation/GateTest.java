package io.aerodb.functions.gateway.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.admission.Admission;
import io.aerodb.functions.admission.Caller;
import io.aerodb.functions.admission.CircuitBreakers;
import io.aerodb.functions.admission.Permit;
import io.aerodb.functions.admission.Verdict;
import io.aerodb.functions.function.AdmissionPolicy;
import io.aerodb.functions.function.CircuitPolicy;
import io.aerodb.functions.function.Delivery;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.RateLimit;
import io.aerodb.functions.function.RetryPolicy;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.metrics.FunctionLabels;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GateTest {

    private static final Caller ANNA = new Caller.Subject(Role.AUTHENTICATED, "anna");

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final Gate gate = new Gate(new Admission(2, () -> 1, new CircuitBreakers(metrics)), new FunctionLabels(metrics, _ -> true), metrics);

    @Test
    void namesTheConcurrency() {
        var function = function(new AdmissionPolicy(OptionalInt.of(1), OptionalInt.empty(), Optional.empty(), Optional.empty()));
        enter(function);
        assertEquals(1, refused(function, 429, "too_many_requests", "concurrency of 1").retryAfterSeconds());
        assertEquals(2, metrics.get("functions.refused").tags("name", "hello", "reason", "concurrency").counter().count());
    }

    @Test
    void namesTheConcurrencyOfTheCaller() {
        var function = function(new AdmissionPolicy(OptionalInt.empty(), OptionalInt.of(1), Optional.empty(), Optional.empty()));
        enter(function);
        assertEquals(1, refused(function, 429, "too_many_requests", "caller_concurrency of 1").retryAfterSeconds());
    }

    @Test
    void namesWhatACallerMayHaveInFlight() {
        var function = function(AdmissionPolicy.NONE);
        enter(function);
        enter(function);
        assertEquals(1, refused(function, 429, "too_many_requests", "you have as many calls").retryAfterSeconds());
        assertEquals(2, metrics.get("gateway.refused").tag("reason", "caller_in_flight").counter().count());
    }

    @Test
    void tellsInWholeSecondsWhenThereIsAnotherToken() {
        var function = function(new AdmissionPolicy(OptionalInt.empty(), OptionalInt.empty(), Optional.of(new RateLimit(1, 1)), Optional.empty()));
        enter(function).end(Verdict.SUCCESS);
        assertEquals(1, refused(function, 429, "too_many_requests", "rate_limit of 1 per second").retryAfterSeconds());
    }

    @Test
    void tellsWhenAnOpenCircuitIsTried() {
        var circuit = new CircuitPolicy(1, Duration.ofHours(1), 1, Duration.ofHours(1));
        var function = function(new AdmissionPolicy(OptionalInt.empty(), OptionalInt.empty(), Optional.empty(), Optional.of(circuit)));
        enter(function).end(Verdict.FAILURE);
        var seconds = refused(function, 503, "circuit_open", "'hello'").retryAfterSeconds();
        assertTrue(seconds > 3000 && seconds <= 3600, () -> "" + seconds);
    }

    @Test
    void countsWhatTheGatewayAsAWholeRefuses() {
        assertEquals(429, gate.full("in_flight", "busy").problem().status());
        gate.count("payload_bytes");
        assertEquals(1, metrics.get("gateway.refused").tag("reason", "in_flight").counter().count());
        assertEquals(1, metrics.get("gateway.refused").tag("reason", "payload_bytes").counter().count());
    }

    private Permit enter(DeployedFunction function) {
        var permit = new Permit();
        gate.check(function, ANNA);
        gate.enter(function, ANNA, Duration.ofSeconds(10), permit);
        return permit;
    }

    private Problem refused(DeployedFunction function, int status, String code, String detail) {
        var early = assertThrows(ProblemException.class, () -> gate.check(function, ANNA)).problem();
        var late = assertThrows(ProblemException.class, () -> gate.enter(function, ANNA, Duration.ofSeconds(10), new Permit())).problem();
        for (var problem : List.of(early, late)) {
            assertEquals(status, problem.status());
            assertEquals(code, problem.code());
            assertTrue(problem.detail().contains(detail), problem.detail());
        }
        return late;
    }

    private static DeployedFunction function(AdmissionPolicy policy) {
        var config = FunctionConfig.DEFAULT.with(Delivery.AT_LEAST_ONCE, RetryPolicy.DEFAULT, policy);
        return new DeployedFunction(new UUID(1, 2), new FunctionName("hello"), 1, ModuleHash.of(new byte[] {1}), 1, config, 1, Instant.EPOCH,
                Instant.EPOCH, List.of());
    }
}
