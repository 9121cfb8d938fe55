package io.aerodb.functions.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.admission.Refusal.Reason;
import io.aerodb.functions.function.AdmissionPolicy;
import io.aerodb.functions.function.CircuitPolicy;
import io.aerodb.functions.function.Delivery;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.RateLimit;
import io.aerodb.functions.function.RetryPolicy;
import io.aerodb.functions.identity.Role;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

class AdmissionTest {

    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final Caller ANNA = new Caller.Subject(Role.AUTHENTICATED, "anna");
    private static final Caller BERT = new Caller.Network("10.0.0.1");
    private static final OptionalInt NO_LIMIT = OptionalInt.empty();
    private static final CircuitPolicy CIRCUIT = new CircuitPolicy(50, Duration.ofSeconds(10), 2, Duration.ofSeconds(5));

    private final MovableNanos nanos = new MovableNanos();
    private final CircuitBreakers circuits = new CircuitBreakers(new SimpleMeterRegistry(), nanos);
    private int gateways = 1;
    private final Admission admission = new Admission(5, () -> gateways, circuits, nanos);

    @Test
    void boundsTheCallsOfAFunctionWhoeverMakesThem() {
        var function = function("hello", OptionalInt.of(2), NO_LIMIT, Optional.empty(), Optional.empty());
        var first = admitted(function, ANNA);
        admitted(function, BERT);
        assertRefused(Reason.CONCURRENCY, Duration.ofSeconds(1), function, new Caller.Service());
        first.end(Verdict.NEITHER);
        admitted(function, ANNA);
    }

    @Test
    void takesItsPartOfTheConcurrencyRoundedUp() {
        gateways = 3;
        var function = function("hello", OptionalInt.of(4), NO_LIMIT, Optional.empty(), Optional.empty());
        var permits = List.of(admitted(function, ANNA), admitted(function, ANNA));
        assertRefused(Reason.CONCURRENCY, Duration.ofSeconds(1), function, ANNA);
        gateways = 0; // nobody knows yet
        admitted(function, ANNA);
        gateways = 100;
        permits.forEach(permit -> permit.end(Verdict.SUCCESS));
        assertRefused(Reason.CONCURRENCY, Duration.ofSeconds(1), function, ANNA);
    }

    @Test
    void boundsTheCallsOfOneCallerOfAFunction() {
        var function = function("hello", NO_LIMIT, OptionalInt.of(1), Optional.empty(), Optional.empty());
        var permit = admitted(function, ANNA);
        assertRefused(Reason.CALLER_CONCURRENCY, Duration.ofSeconds(1), function, ANNA);
        admitted(function, BERT);
        admitted(function, new Caller.Service());
        admitted(function, new Caller.Service());
        permit.end(Verdict.SUCCESS);
        admitted(function, ANNA);
    }

    @Test
    void boundsTheCallsOfOneCallerOfAllFunctions() {
        for (var i = 0; i < 5; i++) {
            admitted(unlimited("f" + i), ANNA);
        }
        assertRefused(Reason.CALLER_IN_FLIGHT, Duration.ofSeconds(1), unlimited("other"), ANNA);
        admitted(unlimited("other"), BERT);
        for (var i = 0; i < 10; i++) {
            admitted(unlimited("other"), new Caller.Service());
        }
    }

    @Test
    void boundsHowOftenAFunctionIsCalledAndTellsWhenToComeBack() {
        var function = function("hello", NO_LIMIT, NO_LIMIT, Optional.of(new RateLimit(2, 3)), Optional.empty());
        admitted(function, ANNA).end(Verdict.SUCCESS);
        assertEquals(Optional.empty(), admission.admitQueued(function));
        admitted(function, BERT).end(Verdict.SUCCESS);
        assertRefused(Reason.RATE_LIMIT, Duration.ofMillis(500), function, ANNA);
        assertEquals(Reason.RATE_LIMIT, admission.refusalOfQueued(function).orElseThrow().reason());
        assertEquals(Duration.ofMillis(500), admission.admitQueued(function).orElseThrow().retryAfter());
        nanos.forwardMillis(500);
        assertEquals(Optional.empty(), admission.admitQueued(function));
        gateways = 2;
        assertEquals(Duration.ofSeconds(1), admission.admitQueued(function).orElseThrow().retryAfter());
    }

    @Test
    void takesOnlyATokenForWhatIsQueued() {
        var function = function("hello", OptionalInt.of(1), NO_LIMIT, Optional.of(new RateLimit(10, 10)), Optional.of(CIRCUIT));
        admitted(function, ANNA);
        assertEquals(Optional.empty(), admission.refusalOfQueued(function));
        assertEquals(Optional.empty(), admission.admitQueued(function));
        assertRefused(Reason.CONCURRENCY, Duration.ofSeconds(1), function, BERT);
    }

    @Test
    void refusesWhileTheCircuitIsOpenAndLetsOneCallTryAfterwards() {
        var function = function("hello", NO_LIMIT, NO_LIMIT, Optional.empty(), Optional.of(CIRCUIT));
        admitted(function, ANNA).end(Verdict.FAILURE);
        admitted(function, ANNA).end(Verdict.FAILURE);
        assertRefused(Reason.CIRCUIT_OPEN, Duration.ofSeconds(5), function, ANNA);
        nanos.forwardMillis(5000);
        var trial = admitted(function, ANNA);
        assertRefused(Reason.CIRCUIT_OPEN, Duration.ofSeconds(1), function, BERT);
        trial.end(Verdict.SUCCESS);
        admitted(function, BERT);
    }

    @Test
    void givesTheTrialBackWhenAnotherLimitRefusesTheCall() {
        var function = function("hello", OptionalInt.of(1), NO_LIMIT, Optional.empty(), Optional.of(CIRCUIT));
        admitted(function, ANNA).end(Verdict.FAILURE);
        admitted(function, ANNA).end(Verdict.FAILURE);
        nanos.forwardMillis(5000);
        var trial = admitted(function, ANNA);
        trial.end(Verdict.NEITHER);
        var other = function("hello", OptionalInt.of(1), NO_LIMIT, Optional.empty(), Optional.empty());
        var running = admitted(other, ANNA); // its circuit is forgotten
        assertRefused(Reason.CONCURRENCY, Duration.ofSeconds(1), function, ANNA);
        running.end(Verdict.NEITHER);
        admitted(function, ANNA);
    }

    @Test
    void takesNoTokenAndNoPlaceForACallThatAnotherLimitRefuses() {
        var function = function("hello", NO_LIMIT, OptionalInt.of(1), Optional.of(new RateLimit(1, 2)), Optional.empty());
        var permit = admitted(function, ANNA);
        for (var i = 0; i < 10; i++) {
            assertRefused(Reason.CALLER_CONCURRENCY, Duration.ofSeconds(1), function, ANNA);
        }
        admitted(function, BERT).end(Verdict.SUCCESS);
        permit.end(Verdict.SUCCESS);
        for (var i = 0; i < 10; i++) {
            assertRefused(Reason.RATE_LIMIT, Duration.ofSeconds(1), function, ANNA);
        }
        nanos.forwardMillis(1000);
        admitted(function, ANNA);
    }

    @Test
    void takesAChangedLimitAtOnceAndKnowsWhatGoesOn() {
        for (var i = 0; i < 3; i++) {
            admitted(unlimited("hello"), ANNA);
        }
        assertRefused(Reason.CONCURRENCY, Duration.ofSeconds(1), function("hello", OptionalInt.of(3), NO_LIMIT, Optional.empty(), Optional.empty()), ANNA);
        admitted(function("hello", OptionalInt.of(4), NO_LIMIT, Optional.empty(), Optional.empty()), ANNA);
    }

    @Test
    void givesBackOnceHoweverOftenACallEnds() {
        var function = function("hello", OptionalInt.of(2), NO_LIMIT, Optional.empty(), Optional.empty());
        var permit = admitted(function, ANNA);
        admitted(function, BERT);
        permit.end(Verdict.SUCCESS);
        permit.end(Verdict.FAILURE);
        permit.end(Verdict.NEITHER);
        admitted(function, ANNA);
        assertRefused(Reason.CONCURRENCY, Duration.ofSeconds(1), function, ANNA);
    }

    @Test
    void remembersNothingOfMillionsOfCallersThatAreGone() {
        var function = function("hello", OptionalInt.of(10), OptionalInt.of(1), Optional.of(new RateLimit(1_000_000, 1000)), Optional.of(CIRCUIT));
        for (var i = 0; i < 1_000_000; i++) {
            admitted(function, new Caller.Subject(Role.AUTHENTICATED, "user " + i)).end(Verdict.SUCCESS);
            nanos.forward(Duration.ofNanos(1000));
        }
        assertEquals(1, admission.remembered(), "the bucket of the function");
    }

    @Test
    void remembersFewOfManyFunctionsThatAreNotCalledAnyMore() {
        for (var i = 0; i < 10_000; i++) {
            admitted(function("f" + i, NO_LIMIT, NO_LIMIT, Optional.of(new RateLimit(10, 10)), Optional.empty()), ANNA).end(Verdict.SUCCESS);
            nanos.forwardMillis(100);
        }
        assertTrue(admission.remembered() <= FunctionStates.SWEEP_FROM, () -> "" + admission.remembered());
    }

    @Test
    void isLeftWithNothingAfterManyCallsAtOnceHoweverTheyEnd() throws Exception {
        var function = function("hello", OptionalInt.of(3), OptionalInt.of(2), Optional.empty(), Optional.of(CIRCUIT));
        try (var threads = Executors.newFixedThreadPool(8)) {
            var ends = new ArrayList<Future<?>>();
            for (var thread = 0; thread < 8; thread++) {
                ends.add(threads.submit(() -> {
                    for (var i = 0; i < 5_000; i++) {
                        var permit = new Permit();
                        admission.admit(function, i % 2 == 0 ? ANNA : BERT, LONGEST, permit);
                        permit.end(Verdict.values()[ThreadLocalRandom.current().nextInt(3)]);
                        permit.end(Verdict.NEITHER);
                        nanos.forwardMillis(10);
                    }
                }));
            }
            for (var end : ends) {
                end.get();
            }
        }
        assertEquals(0, admission.remembered());
    }

    private Permit admitted(DeployedFunction function, Caller caller) {
        assertEquals(Optional.empty(), admission.refusal(function, caller));
        var permit = new Permit();
        assertEquals(Optional.empty(), admission.admit(function, caller, LONGEST, permit));
        return permit;
    }

    private void assertRefused(Reason reason, Duration retryAfter, DeployedFunction function, Caller caller) {
        var refusal = Optional.of(new Refusal(reason, retryAfter));
        assertEquals(refusal, admission.refusal(function, caller));
        var released = new ArrayList<Verdict>();
        var permit = new Permit();
        permit.hold(released::add);
        assertEquals(refusal, admission.admit(function, caller, LONGEST, permit));
        assertEquals(List.of(Verdict.NEITHER), released, "what the call held before is given back");
    }

    private static DeployedFunction unlimited(String name) {
        return function(name, NO_LIMIT, NO_LIMIT, Optional.empty(), Optional.empty());
    }

    private static DeployedFunction function(String name, OptionalInt concurrency, OptionalInt callerConcurrency,
            Optional<RateLimit> rate, Optional<CircuitPolicy> circuit) {
        var config = FunctionConfig.DEFAULT.with(Delivery.AT_LEAST_ONCE, RetryPolicy.DEFAULT,
                new AdmissionPolicy(concurrency, callerConcurrency, rate, circuit));
        var module = ModuleHash.of(new byte[] {1});
        return new DeployedFunction(new UUID(1, name.hashCode()), new FunctionName(name), 1, module, 1, config, 1, Instant.EPOCH, Instant.EPOCH,
                List.of());
    }
}
