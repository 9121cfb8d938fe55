package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.bytes;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static io.aerodb.functions.worker.wasm.Guests.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.Limits;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.Outcome.Failed;
import io.aerodb.functions.invocation.Outcome.Failure;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import io.aerodb.functions.invocation.Outcome.TimedOut;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The host calls that leave the sandbox. */
class ServiceCallTest {

    private static final String SELECT = "(data (i32.const 0) \"SELECT 1\") (data (i32.const 16) \"[1,2]\")";

    private final Guests guests = new Guests();
    private final Recorded services = new Recorded();

    /** Answers as told, and keeps what was asked. */
    private static final class Recorded implements GuestServices {

        final List<String> asked = new ArrayList<>();
        final List<Duration> remaining = new ArrayList<>();
        HostAnswer answer = HostAnswer.of("{}");
        boolean blocks;
        boolean breaks;

        @Override
        public HostAnswer dbQuery(String sql, byte[] params, Duration left) throws InterruptedException {
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
            if (breaks) {
                throw new IllegalStateException("broken");
            }
            return answer;
        }
    }

    @AfterEach
    void close() {
        guests.close();
    }

    @Test
    void aQueryIsHandedOnWithItsParameters() {
        services.answer = HostAnswer.of("{\"rowCount\":0}");
        assertEquals("14 {\"rowCount\":0}", output(run(SELECT, "(call $db_query (i32.const 0) (i32.const 8) (i32.const 16) (i32.const 5))")));
        assertEquals(List.of("SELECT 1 [1,2]"), services.asked);
    }

    @Test
    void aRequestIsHandedOn() {
        services.answer = HostAnswer.of("{\"status\":200}");
        assertEquals("14 {\"status\":200}", output(run("(data (i32.const 0) \"{}\")", "(call $http_fetch (i32.const 0) (i32.const 2))")));
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
        assertEquals("{\"rowCount\":1}", text(assertInstanceOf(Succeeded.class, guests.run(wat, call(10_000)).outcome()).output()));
        assertEquals(List.of("SELECT 1 "), services.asked);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, -2, -3, -4, -5, -6, -7, -8})
    void anErrorIsANumberAndABody(int number) {
        var error = HostError.values()[-1 - number];
        services.answer = HostAnswer.error(error, "it \"did\" not work");
        assertEquals(number + " {\"error\":{\"code\":\"" + error.code() + "\",\"message\":\"it \\\"did\\\" not work\"}}",
                output(run(SELECT, "(call $db_query (i32.const 0) (i32.const 8) (i32.const 0) (i32.const 0))")));
    }

    @Test
    void aStatementThatIsNotUtf8IsInvalid() {
        assertEquals("-2 {\"error\":{\"code\":\"invalid\",\"message\":\"the statement is not valid UTF-8\"}}",
                output(run("(data (i32.const 0) \"\\ff\")", "(call $db_query (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0))")));
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
        assertEquals("-6 {\"error\":{\"code\":\"too_large\",\"message\":\"a host call takes at most 6291456 bytes\"}}", output(run(SELECT, large)));
        assertEquals(List.of(), services.asked);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(call $db_query (i32.const 65530) (i32.const 7) (i32.const 0) (i32.const 0))",
        "(call $db_query (i32.const 0) (i32.const 0) (i32.const 1) (i32.const -1))",
        "(call $http_fetch (i32.const -1) (i32.const -1))"
    })
    void aPointerOutsideOfTheMemoryTraps(String hostCall) {
        var message = assertInstanceOf(Failed.class, run("", hostCall).outcome()).message();
        assertTrue(message.startsWith("the function trapped: a host call was pointed at "), message);
    }

    @Test
    void aCallIsToldWhatRemainsOfTheTimeout() {
        run(SELECT, "(call $db_query (i32.const 0) (i32.const 8) (i32.const 0) (i32.const 0))");
        var left = services.remaining.getFirst();
        assertTrue(left.isPositive() && left.compareTo(Duration.ofSeconds(10)) <= 0, left.toString());
    }

    @Test
    void theDeadlineEndsACallThatBlocksAndLeavesNothingForTheNext() {
        services.blocks = true;
        var wat = wat(SELECT, "(call $db_query (i32.const 0) (i32.const 8) (i32.const 0) (i32.const 0))");
        assertInstanceOf(TimedOut.class, guests.run(wat, call(100)).outcome());
        services.blocks = false;
        assertInstanceOf(Succeeded.class, guests.run(wat, call(10_000)).outcome());
    }

    @Test
    void aFaultOfAServiceIsNotTheGuests() {
        services.breaks = true;
        var failed = assertInstanceOf(Failed.class,
                run(SELECT, "(call $db_query (i32.const 0) (i32.const 8) (i32.const 0) (i32.const 0))").outcome());
        assertEquals(Failure.HOST_FUNCTION_ERROR, failed.failure());
        assertEquals("the host function 'db_query' failed", failed.message());
    }

    @Test
    void aGuestAtTheEdgeOfItsStackAsksNothing() {
        var wat = module("(memory (export \"memory\") 1)",
                "(func $edge (param $left i32) (if (local.get $left) (then (call $edge (i32.sub (local.get $left) (i32.const 1))))"
                        + " (else (drop (call $http_fetch (i32.const 0) (i32.const 0))))))",
                "(func (export \"handler\") (result i32) (call $edge (i32.const 1000000)) i32.const 0)");
        assertEquals("the function's call stack is exhausted", assertInstanceOf(Failed.class, guests.run(wat, call(10_000)).outcome()).message());
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

    private static String output(Execution execution) {
        return text(assertInstanceOf(Succeeded.class, execution.outcome(), execution.outcome()::toString).output());
    }
}
