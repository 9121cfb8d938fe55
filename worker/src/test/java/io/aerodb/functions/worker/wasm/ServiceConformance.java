package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.bytes;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static io.aerodb.functions.worker.wasm.Guests.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.Limits;
import io.aerodb.functions.invocation.Execution;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The host calls that leave the sandbox. */
abstract class ServiceConformance extends Conformance {

    private static final String QUERY = "(call $db_query (i32.const 0) (i32.const 8) (i32.const 0) (i32.const 0))";
    private static final String FETCH = "(call $http_fetch (i32.const 0) (i32.const 8))";
    private static final String SELECT = "(data (i32.const 0) \"SELECT 1\") (data (i32.const 16) \"[1,2]\")";

    private final Recorded services = new Recorded();

    /** Answers as told, and keeps what was asked. */
    private static final class Recorded implements GuestServices {

        final List<String> asked = new ArrayList<>();
        final List<Duration> remaining = new ArrayList<>();
        HostAnswer answer = HostAnswer.of("{}");
        byte[] params = {};
        boolean blocks;
        boolean breaks;
        List<Error> errors = List.of();

        @Override
        public HostAnswer dbQuery(String sql, byte[] params, Duration left) throws InterruptedException {
            this.params = params;
            return answer(sql + " " + text(params), left);
        }

        @Override
        public HostAnswer httpFetch(byte[] request, Duration left) throws InterruptedException {
            return answer(text(request), left);
        }

        private HostAnswer answer(String question, Duration left) throws InterruptedException {
            asked.add(question);
            remaining.add(left);
            if (blocks) {
                TimeUnit.MINUTES.sleep(1);
            }
            for (var error : errors) {
                throw error;
            }
            if (breaks) {
                throw new IllegalStateException("broken");
            }
            return answer;
        }
    }

    ServiceConformance(LongFunction<Sandbox> sandboxes) {
        super(sandboxes);
    }

    @Test
    void aQueryIsHandedOnWithItsParameters() {
        services.answer = HostAnswer.of("{\"rowCount\":0}");
        assertEquals("14 {\"rowCount\":0}", succeeded(run(SELECT, "(call $db_query (i32.const 0) (i32.const 8) (i32.const 16) (i32.const 5))")));
        assertEquals(List.of("SELECT 1 [1,2]"), services.asked);
    }

    @Test
    void aRequestIsHandedOn() {
        services.answer = HostAnswer.of("{\"status\":200}");
        assertEquals("14 {\"status\":200}", succeeded(run("(data (i32.const 0) \"{}\")", "(call $http_fetch (i32.const 0) (i32.const 2))")));
        assertEquals(List.of("{}"), services.asked);
    }

    @Test
    void theFirstFunctionsNameForAQueryWorks() {
        var wat = """
                (module
                  (import "env" "db_query" (func $db_query (param i32 i32) (result i32)))
                  (import "env" "result_read" (func $result_read (param i32 i32) (result i32)))
                  (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
                  (memory (export "memory") 1)
                  (data (i32.const 0) "SELECT 1")
                  (func (export "handler") (result i32)
                    (drop (call $db_query (i32.const 0) (i32.const 8)))
                    (call $output_write (i32.const 100) (call $result_read (i32.const 100) (i32.const 1000)))
                    i32.const 0))""";
        services.answer = HostAnswer.of("{\"rowCount\":1}");
        assertEquals("{\"rowCount\":1}", succeeded(guests.run(wat, call(10_000))));
        assertEquals(List.of("SELECT 1 "), services.asked);
    }

    @Test
    void bothNamesReadTheSameResult() {
        var wat = """
                (module
                  (import "env" "db_query" (func $db_query (param i32 i32) (result i32)))
                  (import "env" "result_read" (func $alias_read (param i32 i32) (result i32)))
                  (import "aerodb_v1" "env_get" (func $env_get (param i32 i32) (result i32)))
                  (import "aerodb_v1" "result_read" (func $result_read (param i32 i32) (result i32)))
                  (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
                  (memory (export "memory") 1)
                  (func (export "handler") (result i32)
                    (drop (call $db_query (i32.const 0) (i32.const 0)))
                    (call $output_write (i32.const 0) (call $result_read (i32.const 0) (i32.const 100)))
                    (drop (call $env_get (i32.const 0) (i32.const 0)))
                    (call $output_write (i32.const 0) (call $alias_read (i32.const 0) (i32.const 100)))
                    i32.const 0))""";
        services.answer = HostAnswer.of("rows");
        assertEquals("rows{\"error\":{\"code\":\"not_found\",\"message\":\"the function has no variable ''\"}}",
                succeeded(guests.run(wat, call(10_000))));
        assertEquals(List.of(" "), services.asked);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, not_found", "-2, invalid", "-3, denied", "-4, database", "-5, deadline", "-6, too_large", "-7, unavailable", "-8, quota"
    })
    void anErrorIsANumberAndABody(int number, String code) {
        services.answer = HostAnswer.error(HostError.values()[-1 - number], "it \"did\" not work");
        var shown = number + " {\"error\":{\"code\":\"" + code + "\",\"message\":\"it \\\"did\\\" not work\"}}";
        assertEquals(shown, succeeded(run(SELECT, QUERY)));
        assertEquals(shown, succeeded(run(SELECT, FETCH)));
    }

    @Test
    void aLongAnswerIsReadInOnePiece() {
        services.answer = HostAnswer.of("0123456789".repeat(200_000));
        var wat = module("(memory (export \"memory\") 1)", """
                (func (export "handler") (result i32)
                  (if (i32.ne (call $http_fetch (i32.const 0) (i32.const 0)) (i32.const 2000000)) (then unreachable))
                  (if (i32.ne (call $result_read (i32.const 0) (i32.const 0)) (i32.const 2000000)) (then unreachable))
                  (drop (memory.grow (i32.const 31)))
                  (call $output_write (i32.const 0) (call $result_read (i32.const 0) (i32.const -1)))
                  i32.const 0)""");
        assertEquals("0123456789".repeat(200_000), succeeded(guests.run(wat, call(10_000))));
    }

    @Test
    void startInitializeAndHandlerMayAskAndShareTheTime() {
        succeeded(guests.run(module("(memory (export \"memory\") 1)", "(data (i32.const 0) \"SELECT 1\")",
                "(func $start (drop " + QUERY + ")) (start $start)",
                "(func (export \"_initialize\") (drop " + FETCH + "))",
                "(func (export \"handler\") (result i32) (drop " + QUERY + ") i32.const 0)"), call(10_000)));
        assertEquals(List.of("SELECT 1 ", "SELECT 1", "SELECT 1 "), services.asked);
        assertEquals(services.remaining.stream().sorted(Comparator.reverseOrder()).toList(), services.remaining, "they share the time");
    }

    @Test
    void parametersThatAreNoTextArriveAsTheyAre() {
        services.answer = HostAnswer.of("{}");
        succeeded(run("(data (i32.const 0) \"\\ff\\00\\c3\")", "(call $db_query (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 3))"));
        assertArrayEquals(new byte[] {(byte) 0xff, 0, (byte) 0xc3}, services.params);
    }

    @Test
    void aStatementThatIsNotUtf8IsInvalid() {
        assertEquals("-2 {\"error\":{\"code\":\"invalid\",\"message\":\"the statement is not valid UTF-8\"}}",
                succeeded(run("(data (i32.const 0) \"\\ff\")", "(call $db_query (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0))")));
        assertEquals(List.of(), services.asked);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(call $db_query (i32.const 0) (i32.const 6291457) (i32.const 0) (i32.const 0))",
        "(call $db_query (i32.const 0) (i32.const 8) (i32.const 0) (i32.const 6291457))",
        "(call $http_fetch (i32.const 0) (i32.const 6291457))"
    })
    void tooMuchIsNotCopied(String hostCall) {
        var large = hostCall.replace("(call", "(block (drop (memory.grow (i32.const 200)))) (call");
        assertEquals("-6 {\"error\":{\"code\":\"too_large\",\"message\":\"a host call takes at most 6291456 bytes\"}}", succeeded(run(SELECT, large)));
        assertEquals(List.of(), services.asked);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(call $db_query (i32.const 65530) (i32.const 7) (i32.const 0) (i32.const 0))",
        "(call $db_query (i32.const 0) (i32.const 0) (i32.const 1) (i32.const -1))",
        "(call $http_fetch (i32.const -1) (i32.const -1))"
    })
    void aPointerOutsideOfTheMemoryTraps(String hostCall) {
        var message = failed(run("", hostCall)).message();
        assertTrue(message.startsWith("the function trapped: a host call was pointed at "), message);
    }

    @Test
    void aCallIsToldWhatRemainsOfTheTimeout() {
        run(SELECT, QUERY);
        run(SELECT, FETCH);
        for (var left : services.remaining) {
            assertTrue(left.isPositive() && left.compareTo(Duration.ofSeconds(10)) <= 0, left.toString());
        }
        assertEquals(2, services.remaining.size());
    }

    @Test
    void lessRemainsForEveryNextCall() {
        succeeded(run(SELECT, "(i32.add " + QUERY + QUERY + ")"));
        assertTrue(services.remaining.get(1).compareTo(services.remaining.get(0)) < 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {QUERY, FETCH})
    void theDeadlineEndsACallThatBlocksAndLeavesNothingForTheNext(String hostCall) {
        services.blocks = true;
        var wat = wat(SELECT, hostCall);
        timedOut(guests.run(wat, call(100)));
        services.blocks = false;
        succeeded(guests.run(wat, call(10_000)));
    }

    @Test
    void aFaultOfAServiceIsNotTheGuests() {
        services.breaks = true;
        assertEquals("the host function 'db_query' failed", hostFailed(run(SELECT, QUERY)).message());
        assertEquals("the host function 'http_fetch' failed", hostFailed(run(SELECT, FETCH)).message());
    }

    @Test
    void whatHasBegunIsNeverTakenForWhatWasNotRun() {
        services.errors = List.of(new NoClassDefFoundError("on purpose"));
        assertEquals("the worker failed while the function ran", hostFailed(run(SELECT, QUERY)).message());
        services.errors = List.of(new OutOfMemoryError("on purpose"));
        assertEquals("the worker's memory was used up; the function's own limit was not reached", exceeded(run(SELECT, QUERY)));
        assertEquals(0, guests.sandbox.memoryUsedBytes());
    }

    @Test
    void aGuestAtTheEdgeOfItsStackAsksNothing() {
        var wat = module("(memory (export \"memory\") 1)",
                "(func $edge (param $left i32) (if (local.get $left) (then (call $edge (i32.sub (local.get $left) (i32.const 1))))"
                        + " (else (drop (call $http_fetch (i32.const 0) (i32.const 0))))))",
                "(func (export \"handler\") (result i32) (call $edge (i32.const 1000000)) i32.const 0)");
        assertEquals("the function's call stack is exhausted", failed(guests.run(wat, call(10_000))).message());
        assertEquals(List.of(), services.asked);
    }

    /** A handler that writes the call's number, a space, and the body. */
    private static String wat(String data, String hostCall) {
        return module("(memory (export \"memory\") 1)", data, """
                (func $digit (param $value i32)
                  (i32.store8 (i32.const 200) (local.get $value))
                  (call $output_write (i32.const 200) (i32.const 1)))
                (func $number (param $value i32)
                  (if (i32.lt_s (local.get $value) (i32.const 0))
                    (then (call $digit (i32.const 45)) (local.set $value (i32.sub (i32.const 0) (local.get $value)))))
                  (if (i32.ge_s (local.get $value) (i32.const 10))
                    (then (call $number (i32.div_s (local.get $value) (i32.const 10)))))
                  (call $digit (i32.add (i32.const 48) (i32.rem_s (local.get $value) (i32.const 10)))))
                (func (export "handler") (result i32)
                  (call $number %s)
                  (call $digit (i32.const 32))
                  (call $output_write (i32.const 300) (call $result_read (i32.const 300) (i32.const 1000)))
                  i32.const 0)""".formatted(hostCall));
    }

    private Execution run(String data, String hostCall) {
        return guests.run(wat(data, hostCall), call(10_000));
    }

    private GuestCall call(long timeoutMillis) {
        var limits = new Limits(Duration.ofMillis(timeoutMillis), Limits.DEFAULT.memoryBytes());
        return new GuestCall(bytes(""), bytes("{}"), Map.of(), services, limits, Duration.ofMinutes(1));
    }
}
