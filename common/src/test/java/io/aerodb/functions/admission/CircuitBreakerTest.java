package io.aerodb.functions.admission;

import static io.aerodb.functions.admission.Verdict.FAILURE;
import static io.aerodb.functions.admission.Verdict.NEITHER;
import static io.aerodb.functions.admission.Verdict.SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.admission.CircuitDecision.Allowed;
import io.aerodb.functions.admission.CircuitDecision.Open;
import io.aerodb.functions.function.CircuitPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CircuitBreakerTest {

    private static final Duration LONGEST = Duration.ofSeconds(30);
    /** Half of at least four calls in ten seconds; open for five. */
    private static final CircuitPolicy POLICY = new CircuitPolicy(50, Duration.ofSeconds(10), 4, Duration.ofSeconds(5));

    private final MovableNanos nanos = new MovableNanos();
    private final CircuitBreaker breaker = new CircuitBreaker(nanos);

    private enum Place {
        CLOSED,
        OPEN,
        OPEN_LONG_ENOUGH,
        HALF_OPEN
    }

    static Stream<Arguments> transitions() {
        return Stream.of(
                Arguments.of(Place.CLOSED, SUCCESS, Place.CLOSED),
                Arguments.of(Place.CLOSED, FAILURE, Place.OPEN),
                Arguments.of(Place.CLOSED, NEITHER, Place.CLOSED),
                Arguments.of(Place.OPEN_LONG_ENOUGH, SUCCESS, Place.CLOSED),
                Arguments.of(Place.OPEN_LONG_ENOUGH, FAILURE, Place.OPEN),
                Arguments.of(Place.OPEN_LONG_ENOUGH, NEITHER, Place.OPEN_LONG_ENOUGH));
    }

    /** A call more is made, and ends so. */
    @ParameterizedTest
    @MethodSource("transitions")
    void goesFromPlaceToPlace(Place from, Verdict verdict, Place to) {
        bringTo(from);
        if (from == Place.CLOSED) {
            call(FAILURE);
            call(SUCCESS);
            call(SUCCESS);
        }
        var call = allowed();
        assertEquals(from == Place.CLOSED ? Place.CLOSED : Place.HALF_OPEN, place());
        call.end(verdict);
        assertEquals(to, place());
    }

    @Test
    void learnsNothingFromACallThatBeganBeforeTheLastChange() {
        var early = Stream.generate(this::allowed).limit(30).toList();
        bringTo(Place.OPEN);
        early.subList(0, 10).forEach(call -> call.end(SUCCESS));
        assertEquals(Place.OPEN, place());
        nanos.forward(POLICY.open());
        var trial = allowed();
        early.subList(10, 20).forEach(call -> call.end(SUCCESS));
        assertEquals(Place.HALF_OPEN, place());
        trial.end(SUCCESS);
        early.subList(20, 30).forEach(call -> call.end(FAILURE));
        assertEquals(Place.CLOSED, place());
    }

    @Test
    void staysClosedWithFewerCallsThanItTakes() {
        call(FAILURE);
        call(FAILURE);
        call(FAILURE);
        assertTrue(breaker.isClosed());
        call(FAILURE);
        assertFalse(breaker.isClosed());
    }

    @Test
    void staysClosedWhileFewEnoughFail() {
        for (var i = 0; i < 100; i++) {
            call(SUCCESS);
            call(SUCCESS);
            call(FAILURE);
        }
        assertTrue(breaker.isClosed());
    }

    @Test
    void doesNotCountCallsThatSayNothing() {
        for (var i = 0; i < 100; i++) {
            call(NEITHER);
        }
        call(FAILURE);
        call(FAILURE);
        call(FAILURE);
        assertTrue(breaker.isClosed());
    }

    @Test
    void forgetsWhatFellOutOfTheWindow() {
        call(FAILURE);
        call(FAILURE);
        call(FAILURE);
        nanos.forwardMillis(10_000);
        call(FAILURE);
        assertTrue(breaker.isClosed());
    }

    @Test
    void countsWhatIsInTheWindowStill() {
        call(FAILURE);
        call(FAILURE);
        call(FAILURE);
        nanos.forwardMillis(8_900);
        call(FAILURE);
        assertFalse(breaker.isClosed());
    }

    @Test
    void tellsHowLongItWillBeOpen() {
        bringTo(Place.OPEN);
        assertEquals(Duration.ofSeconds(5), open().retryAfter());
        nanos.forwardMillis(4_999);
        assertEquals(Duration.ofMillis(1), open().retryAfter());
        nanos.forwardMillis(1);
        allowed();
    }

    @Test
    void letsOneCallTryAndNoOther() {
        bringTo(Place.HALF_OPEN);
        for (var i = 0; i < 10; i++) {
            assertEquals(Duration.ofSeconds(1), open().retryAfter());
        }
    }

    @Test
    void letsAnotherCallTryWhenTheFirstIsNotHeardOfAgain() {
        bringTo(Place.OPEN_LONG_ENOUGH);
        var lost = allowed();
        nanos.forward(LONGEST.minusNanos(1));
        open();
        nanos.forwardMillis(1);
        var second = allowed();
        open();
        lost.end(FAILURE);
        assertEquals(Place.HALF_OPEN, place(), "what was given up does not decide");
        second.end(SUCCESS);
        assertTrue(breaker.isClosed());
    }

    @Test
    void letsOneCallTryHoweverManyComeAtOnce() throws Exception {
        bringTo(Place.OPEN_LONG_ENOUGH);
        try (var threads = Executors.newFixedThreadPool(8)) {
            var calls = new ArrayList<Callable<Boolean>>();
            for (var i = 0; i < 200; i++) {
                calls.add(() -> breaker.tryRun(POLICY, LONGEST) instanceof Allowed);
            }
            var let = 0;
            for (var call : threads.invokeAll(calls)) {
                let += call.get() ? 1 : 0;
            }
            assertEquals(1, let);
        }
    }

    @Test
    void countsACallOnceHoweverOftenItEnds() {
        var call = allowed();
        for (var i = 0; i < 10; i++) {
            call.end(FAILURE);
        }
        assertTrue(breaker.isClosed());
    }

    @Test
    void beginsAnewAfterATrialThatSucceeded() {
        bringTo(Place.HALF_OPEN);
        nanos.forward(LONGEST);
        allowed().end(SUCCESS);
        call(FAILURE);
        call(FAILURE);
        call(FAILURE);
        assertTrue(breaker.isClosed());
    }

    @Test
    void takesAChangedPolicyWithoutLosingWhatItCounted() {
        call(FAILURE);
        call(FAILURE);
        call(SUCCESS);
        call(SUCCESS, new CircuitPolicy(60, POLICY.window(), 4, POLICY.open()));
        assertTrue(breaker.isClosed());
        call(FAILURE, new CircuitPolicy(60, Duration.ofMinutes(5), 4, POLICY.open()));
        assertFalse(breaker.isClosed(), "three of five");
        nanos.forwardMillis(200);
        var shorter = new CircuitPolicy(60, POLICY.window(), 4, Duration.ofMillis(200));
        assertInstanceOf(Allowed.class, breaker.tryRun(shorter, LONGEST));
    }

    @Test
    void goesOnCountingWhenTheWindowGrowsAndShrinks() {
        var minute = new CircuitPolicy(50, Duration.ofMinutes(1), 4, POLICY.open());
        call(FAILURE, minute);
        call(FAILURE, minute);
        nanos.forward(Duration.ofSeconds(20));
        call(FAILURE);
        call(FAILURE);
        assertTrue(breaker.isClosed(), "the first two are older than ten seconds");
        call(FAILURE, minute);
        assertTrue(breaker.isClosed(), "what was forgotten stays so");
        call(FAILURE, minute);
        assertFalse(breaker.isClosed());
    }

    @Test
    void isAsGoodAsNewOnceItHasNothingToRemember() {
        assertTrue(breaker.isAsGoodAsNew());
        call(FAILURE);
        assertFalse(breaker.isAsGoodAsNew());
        nanos.forwardMillis(10_000);
        assertTrue(breaker.isAsGoodAsNew());
        bringTo(Place.OPEN_LONG_ENOUGH);
        assertFalse(breaker.isAsGoodAsNew());
        nanos.forward(Duration.ofHours(3));
        assertTrue(breaker.isAsGoodAsNew());
    }

    private void bringTo(Place place) {
        if (place == Place.CLOSED) {
            return;
        }
        while (breaker.isClosed()) {
            call(FAILURE);
        }
        if (place != Place.OPEN) {
            nanos.forward(POLICY.open());
        }
        if (place == Place.HALF_OPEN) {
            allowed();
        }
    }

    /** Seen from outside: what the next call would be told, without making it. */
    private Place place() {
        if (breaker.isClosed()) {
            return Place.CLOSED;
        }
        var refusal = breaker.refusal(POLICY);
        return refusal.isEmpty() ? Place.OPEN_LONG_ENOUGH
                : refusal.get().retryAfter().equals(Duration.ofSeconds(1)) ? Place.HALF_OPEN : Place.OPEN;
    }

    private void call(Verdict verdict) {
        call(verdict, POLICY);
    }

    private void call(Verdict verdict, CircuitPolicy policy) {
        assertInstanceOf(Allowed.class, breaker.tryRun(policy, LONGEST)).end(verdict);
    }

    private Allowed allowed() {
        return assertInstanceOf(Allowed.class, breaker.tryRun(POLICY, LONGEST));
    }

    private Open open() {
        return assertInstanceOf(Open.class, breaker.tryRun(POLICY, LONGEST));
    }
}
