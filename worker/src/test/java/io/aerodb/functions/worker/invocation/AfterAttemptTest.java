package io.aerodb.functions.worker.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.Delivery;
import io.aerodb.functions.function.RetryPolicy;
import io.aerodb.functions.function.RetryPolicy.Cause;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Outcome.Failed;
import io.aerodb.functions.invocation.Outcome.Failure;
import io.aerodb.functions.invocation.Outcome.Rejected;
import io.aerodb.functions.invocation.Outcome.Rejection;
import io.aerodb.functions.worker.invocation.AfterAttempt.DeadLetter;
import io.aerodb.functions.worker.invocation.AfterAttempt.Done;
import io.aerodb.functions.worker.invocation.AfterAttempt.Retry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AfterAttemptTest {

    private static final Instant ACCEPTED = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant NOW = ACCEPTED.plusSeconds(10);
    private static final Outcome TIMED_OUT = new Outcome.TimedOut("too slow");

    @Test
    void isDoneWithWhatSucceeded() {
        assertEquals(new Done(), after(RetryPolicy.DEFAULT, Delivery.AT_LEAST_ONCE, new Outcome.Succeeded(new byte[0]), 1));
        assertEquals(new Done(), after(RetryPolicy.DEFAULT, Delivery.AT_MOST_ONCE, new Outcome.Succeeded(new byte[0]), 1));
    }

    @ParameterizedTest
    @MethodSource("causes")
    void triesAgainWhatThePolicyNames(Outcome outcome, Cause cause) {
        assertInstanceOf(Retry.class, after(on(Set.of(cause)), Delivery.AT_LEAST_ONCE, outcome, 1));
        var others = Set.copyOf(Stream.of(Cause.values()).filter(other -> other != cause).toList());
        var letter = assertInstanceOf(DeadLetter.class, after(on(others), Delivery.AT_LEAST_ONCE, outcome, 1));
        assertEquals("it ended as " + outcome.status() + " (" + outcome.code() + "), which is not tried again", letter.reason());
    }

    static List<Arguments> causes() {
        return List.of(
                Arguments.of(TIMED_OUT, Cause.TIMEOUT),
                Arguments.of(new Outcome.MemoryExceeded("m"), Cause.MEMORY_LIMIT_EXCEEDED),
                Arguments.of(new Failed(Failure.FUNCTION_ERROR, "m", new byte[0]), Cause.FUNCTION_ERROR),
                Arguments.of(new Failed(Failure.HOST_FUNCTION_ERROR, "m", new byte[0]), Cause.HOST_FUNCTION_ERROR),
                Arguments.of(new Failed(Failure.WORKER_LOST, "m", new byte[0]), Cause.WORKER_LOST),
                Arguments.of(new Rejected(Rejection.UNAVAILABLE, "m"), Cause.UNAVAILABLE));
    }

    @ParameterizedTest
    @MethodSource("finals")
    void neverTriesAgainWhatAnotherAttemptCannotChange(Outcome outcome) {
        assertInstanceOf(DeadLetter.class, after(on(Set.of(Cause.values())), Delivery.AT_LEAST_ONCE, outcome, 1));
    }

    static List<Outcome> finals() {
        return List.of(new Outcome.Expired("m"), new Rejected(Rejection.FUNCTION_NOT_FOUND, "m"), new Rejected(Rejection.MODULE_REJECTED, "m"));
    }

    @Test
    void neverTriesAgainWhatIsDeliveredAtMostOnce() {
        var letter = assertInstanceOf(DeadLetter.class, after(RetryPolicy.DEFAULT, Delivery.AT_MOST_ONCE, TIMED_OUT, 1));
        assertEquals("it is delivered at most once, and ended as timed_out (function_timeout)", letter.reason());
    }

    @Test
    void stopsWhenTheAttemptsAreUsedUp() {
        assertInstanceOf(Retry.class, after(RetryPolicy.DEFAULT, Delivery.AT_LEAST_ONCE, TIMED_OUT, 4));
        var letter = assertInstanceOf(DeadLetter.class, after(RetryPolicy.DEFAULT, Delivery.AT_LEAST_ONCE, TIMED_OUT, 5));
        assertEquals("all 5 attempts are used up, the last one ended as timed_out (function_timeout)", letter.reason());
        assertInstanceOf(DeadLetter.class, after(RetryPolicy.DEFAULT, Delivery.AT_LEAST_ONCE, TIMED_OUT, 6));
    }

    @ParameterizedTest
    @CsvSource({"1,0,500", "1,1,1000", "2,0,1000", "2,0.5,1500", "3,1,4000", "5,1,16000", "6,1,20000", "99,1,20000", "99,0,10000"})
    void pausesTwiceAsLongEachTimeUpToTheLongest(int attempt, double random, long millis) {
        var policy = new RetryPolicy(100, Duration.ofSeconds(1), Duration.ofSeconds(20), Duration.ofDays(1), Set.of(Cause.TIMEOUT));
        assertEquals(new Retry(NOW.plusMillis(millis)), AfterAttempt.onEvents(policy, Delivery.AT_LEAST_ONCE, TIMED_OUT, attempt, ACCEPTED, NOW, Duration.ZERO, random));
    }

    @Test
    void triesNothingAgainThatWouldBeTooOldASecondLater() {
        var policy = new RetryPolicy(5, Duration.ofSeconds(4), Duration.ofSeconds(4), Duration.ofSeconds(15), Set.of(Cause.TIMEOUT));
        assertEquals(new Retry(ACCEPTED.plusSeconds(14)), timedOut(policy, NOW, Duration.ZERO));
        assertTooOld(timedOut(policy, NOW.plusMillis(1), Duration.ZERO));
    }

    @Test
    void waitsAsLongAsItMustAndTriesNothingThatWouldBeTooOldThen() {
        var policy = new RetryPolicy(5, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(15), Set.of(Cause.TIMEOUT));
        assertEquals(new Retry(NOW.plusSeconds(1)), timedOut(policy, NOW, Duration.ofMillis(999)));
        assertEquals(new Retry(NOW.plusSeconds(4)), timedOut(policy, NOW, Duration.ofSeconds(4)));
        assertTooOld(timedOut(policy, NOW, Duration.ofMillis(4001)));
    }

    private static AfterAttempt timedOut(RetryPolicy policy, Instant now, Duration pause) {
        return AfterAttempt.onEvents(policy, Delivery.AT_LEAST_ONCE, TIMED_OUT, 1, ACCEPTED, now, pause, 1);
    }

    private static void assertTooOld(AfterAttempt after) {
        var letter = assertInstanceOf(DeadLetter.class, after);
        assertTrue(letter.reason().startsWith("it would be too old for attempt 2"), letter.reason());
    }

    private static AfterAttempt after(RetryPolicy policy, Delivery delivery, Outcome outcome, int attempt) {
        return AfterAttempt.onEvents(policy, delivery, outcome, attempt, ACCEPTED, NOW, Duration.ZERO, 0.5);
    }

    private static RetryPolicy on(Set<Cause> causes) {
        return new RetryPolicy(5, Duration.ofSeconds(1), Duration.ofMinutes(5), Duration.ofDays(1), causes);
    }
}
