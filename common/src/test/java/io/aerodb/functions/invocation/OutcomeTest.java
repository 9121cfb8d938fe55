package io.aerodb.functions.invocation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.invocation.Outcome.Failure;
import io.aerodb.functions.invocation.Outcome.Rejection;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OutcomeTest {

    private static final byte[] OUTPUT = {1, 2};
    private static final byte[] NOTHING = {};

    static Stream<Arguments> outcomes() {
        return Stream.of(
                Arguments.of(new Outcome.Succeeded(OUTPUT), "succeeded", "", "", OUTPUT),
                Arguments.of(new Outcome.Failed(Failure.FUNCTION_ERROR, "why", OUTPUT), "failed", "function_error", "why", OUTPUT),
                Arguments.of(new Outcome.Failed(Failure.HOST_FUNCTION_ERROR, "why", OUTPUT), "failed", "host_function_error", "why", OUTPUT),
                Arguments.of(new Outcome.TimedOut("why"), "timed_out", "function_timeout", "why", NOTHING),
                Arguments.of(new Outcome.Expired("why"), "expired", "function_timeout", "why", NOTHING),
                Arguments.of(new Outcome.MemoryExceeded("why"), "memory_exceeded", "memory_limit_exceeded", "why", NOTHING),
                Arguments.of(new Outcome.Rejected(Rejection.FUNCTION_NOT_FOUND, "why"), "rejected", "function_not_found", "why", NOTHING),
                Arguments.of(new Outcome.Rejected(Rejection.MODULE_REJECTED, "why"), "rejected", "module_rejected", "why", NOTHING),
                Arguments.of(new Outcome.Rejected(Rejection.UNAVAILABLE, "why"), "rejected", "unavailable", "why", NOTHING));
    }

    /** These words stand in rows, records, metrics and answers: they never change. */
    @ParameterizedTest
    @MethodSource("outcomes")
    void hasItsOwnStatusAndCode(Outcome outcome, String status, String code, String message, byte[] output) {
        assertEquals(status, outcome.status());
        assertEquals(code, outcome.code());
        assertEquals(message, outcome.message());
        assertArrayEquals(output, outcome.output());
    }

    @ParameterizedTest
    @MethodSource("outcomes")
    void isFoundByItsStatusAndCode(Outcome outcome, String status, String code, String message, byte[] output) {
        var found = Outcome.of(outcome.invocationStatus(), code, message, output).orElseThrow();
        assertEquals(outcome.getClass(), found.getClass());
        assertEquals(status, found.status());
        assertEquals(code, found.code());
        assertEquals(message, found.message());
        assertArrayEquals(output, found.output());
    }

    @Test
    void isTheOneOfTheLastAttemptWhereThatWasPutToTheDeadLetters() {
        assertEquals(Optional.of(new Outcome.TimedOut("why")), Outcome.of(InvocationStatus.DEAD_LETTERED, "function_timeout", "why", NOTHING));
        assertEquals(Optional.empty(), Outcome.of(InvocationStatus.CANCELLED, "cancelled", "why", NOTHING));
    }
}
