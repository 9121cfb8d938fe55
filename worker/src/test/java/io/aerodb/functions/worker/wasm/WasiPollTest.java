package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.withTimeout;
import static io.aerodb.functions.worker.wasm.WasiGuests.call;
import static io.aerodb.functions.worker.wasm.WasiGuests.command;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.invocation.Outcome.Succeeded;
import io.aerodb.functions.invocation.Outcome.TimedOut;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WasiPollTest {

    private static final long HOUR = Duration.ofHours(1).toNanos();
    private static final String EVENT = "%02x00000000000000" + "%02x00" + "%02x0000000000" + "%02x00000000000000" + "0000000000000000";

    private final Guests guests = new Guests(Guests.sandbox(Guests.BUDGET_BYTES));

    @AfterEach
    void close() {
        guests.close();
    }

    @Test
    void sleepsAsLongAsItIsAsked() {
        var execution = guests.run(polling(clock(7, 1, Duration.ofMillis(50).toNanos(), 0)));
        assertEquals(event(7, 0, 0, 0), events(execution.outcome()));
        assertTrue(execution.run().compareTo(Duration.ofMillis(50)) >= 0);
    }

    @Test
    void wakesForTheFirstOfSeveralClocks() {
        var execution = guests.run(polling(clock(1, 1, HOUR, 0), clock(2, 0, 1_000_000, 0), clock(3, 1, 0, 1), clock(4, 0, -1, 1)));
        assertEquals(event(3, 0, 0, 0), events(execution.outcome()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void doesNotWaitForATimeThatHasPassed(int clock) {
        assertEquals(event(9, 0, 0, 0), events(guests.run(polling(clock(9, clock, 100_000, 1))).outcome()));
    }

    @Test
    void sleepsUntilATimeOfTheMonotonicClock() {
        var wake = Duration.ofSeconds(1).toNanos();
        var execution = guests.run(polling(clock(9, 1, wake, 1)));
        assertEquals(event(9, 0, 0, 0), events(execution.outcome()));
        assertTrue(execution.run().toNanos() >= wake - WasiClock.RESOLUTION_NANOS);
    }

    @Test
    void theStreamsAreAlwaysReady() {
        var outcome = guests.run(polling(clock(1, 1, HOUR, 0), stream(2, 1, 0), stream(3, 2, 1), stream(4, 2, 2)), Guests.call("abc")).outcome();
        assertEquals(event(2, 0, 1, 3) + event(3, 0, 2, 0) + event(4, 0, 2, 0), events(outcome));
    }

    @Test
    void whatCannotBePolledIsAnErrorOfItsOwn() {
        var outcome = guests.run(polling(clock(1, 9, HOUR, 0), stream(2, 1, 1), stream(3, 2, 0), stream(4, 1, 3), stream(5, 7, 0))).outcome();
        assertEquals(event(1, 28, 0, 0) + event(2, 8, 1, 0) + event(3, 8, 2, 0) + event(4, 8, 1, 0) + event(5, 28, 7, 0), events(outcome));
    }

    @ParameterizedTest
    @ValueSource(longs = {3_600_000_000_000L, Long.MAX_VALUE, Long.MIN_VALUE, -1})
    void aSleepPastTheDeadlineEndsThere(long nanos) {
        for (var absolute = 0; absolute <= 1; absolute++) {
            var execution = guests.run(polling(clock(1, 1, nanos, absolute)), withTimeout(100));
            assertInstanceOf(TimedOut.class, execution.outcome());
            assertTrue(execution.run().compareTo(Duration.ofSeconds(30)) < 0);
        }
    }

    @Test
    void theThreadOfASleeperRunsTheNext() {
        var sleeper = guests.compile(polling(clock(1, 1, HOUR, 0)));
        var fine = guests.compile(command(""));
        for (var i = 0; i < 20; i++) {
            assertInstanceOf(TimedOut.class, guests.run(sleeper, withTimeout(100)).outcome());
            assertInstanceOf(Succeeded.class, guests.run(fine, Guests.call()).outcome());
        }
    }

    /** Polls once and writes the events. */
    private static String polling(String... subscriptions) {
        var data = Stream.of(subscriptions).collect(Collectors.joining());
        var escaped = data.replaceAll("(..)", "\\\\$1");
        return WasiGuests.module("(memory (export \"memory\") 1) (data (i32.const 0) \"" + escaped + "\")",
                "(func (export \"_start\") (if " + call("poll_oneoff", 0, 1000, subscriptions.length, 4000) + "(then unreachable))"
                        + "(call $output_write (i32.const 1000) (i32.mul (i32.const 32) (i32.load (i32.const 4000)))))");
    }

    private static String clock(int userData, int clock, long nanos, int flags) {
        return longs(userData, 0, clock, nanos, 0, flags);
    }

    private static String stream(int userData, int type, int descriptor) {
        return longs(userData, type, descriptor, 0, 0, 0);
    }

    private static String longs(long... numbers) {
        return Arrays.stream(numbers).mapToObj(n -> HexFormat.of().toHexDigits(Long.reverseBytes(n))).collect(Collectors.joining());
    }

    private static String event(int userData, int errno, int type, int bytes) {
        return EVENT.formatted(userData, errno, type, bytes);
    }

    private static String events(Object outcome) {
        return HexFormat.of().formatHex(assertInstanceOf(Succeeded.class, outcome).output());
    }
}
