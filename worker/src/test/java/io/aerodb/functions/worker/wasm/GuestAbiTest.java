package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.call;
import static io.aerodb.functions.worker.wasm.Guests.handler;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static io.aerodb.functions.worker.wasm.Guests.text;
import static io.aerodb.functions.worker.wasm.Guests.withEnv;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.Limits;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.Outcome.Expired;
import io.aerodb.functions.invocation.Outcome.Failed;
import io.aerodb.functions.invocation.Outcome.Failure;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuestAbiTest {

    private static final String ECHO = handler("""
            (call $output_write (i32.const 8) (call $input_read (i32.const 8) (i32.const 1000)))
            i32.const 0""");
    /** Asks for the variable MODE, writes the body of the answer, returns the negated number of the error. */
    private static final String GET_MODE = module("""
            (memory (export "memory") 1)
            (data (i32.const 0) "MODE")
            (func (export "handler") (result i32) (local $n i32)
              (local.set $n (call $env_get (i32.const 0) (i32.const 4)))
              (call $output_write (i32.const 100) (call $result_read (i32.const 100) (i32.const 1000)))
              (if (result i32) (i32.lt_s (local.get $n) (i32.const 0))
                (then (i32.sub (i32.const 0) (local.get $n)))
                (else (i32.const 0))))""");

    private final Guests guests = new Guests();

    @AfterEach
    void close() {
        guests.close();
    }

    @Test
    void answersWithWhatTheFunctionWrites() {
        assertEquals("hello, world", text(succeeded(ECHO, call("hello, world"))));
    }

    @Test
    void joinsSeveralWrites() {
        var twice = handler("""
                (drop (call $input_read (i32.const 0) (i32.const 10)))
                (call $output_write (i32.const 0) (i32.const 2))
                (call $output_write (i32.const 1) (i32.const 3))
                i32.const 0""");
        assertEquals("abbcd", text(succeeded(twice, call("abcd"))));
    }

    @Test
    void aReadOfNothingTellsTheSize() {
        var size = handler("(i32.sub (call $input_read (i32.const 0) (i32.const 0)) (i32.const 5))");
        assertEquals("", text(succeeded(size, call("12345"))));
    }

    @Test
    void aShortReadCopiesWhatFitsAndTellsTheWholeLength() {
        var shortRead = handler("""
                (if (i32.ne (call $input_read (i32.const 0) (i32.const 3)) (i32.const 6)) (then unreachable))
                (call $output_write (i32.const 0) (i32.const 5))
                i32.const 0""");
        assertEquals("abc\0\0", text(succeeded(shortRead, call("abcdef"))));
    }

    @Test
    void aBufferMayClaimToReachBeyondTheMemoryIfTheBytesDoNot() {
        var unlimited = handler("""
                (call $output_write (i32.const 8) (call $input_read (i32.const 8) (i32.const -1)))
                i32.const 0""");
        assertEquals("abc", text(succeeded(unlimited, call("abc"))));
    }

    @Test
    void readsTheContext() {
        var context = handler("""
                (call $output_write (i32.const 0) (call $context_read (i32.const 0) (i32.const 1000)))
                i32.const 0""");
        assertEquals("{}", text(succeeded(context, call("input"))));
    }

    @Test
    void readsAVariable() {
        assertEquals("größer", text(succeeded(GET_MODE, withEnv("MODE", "größer"))));
    }

    @Test
    void aMissingVariableIsNotFound() {
        var failed = failed(GET_MODE, withEnv("OTHER", "x"));
        assertEquals("the function returned 1", failed.message());
        assertEquals("{\"error\":{\"code\":\"not_found\",\"message\":\"the function has no variable 'MODE'\"}}",
                text(failed.output()));
    }

    @Test
    void theErrorOfAStrangeNameIsStillJson() {
        var strange = module("""
                (memory (export "memory") 1)
                (data (i32.const 0) "a\\22\\00\\ff")
                (func (export "handler") (result i32)
                  (drop (call $env_get (i32.const 0) (i32.const 4)))
                  (call $output_write (i32.const 100) (call $result_read (i32.const 100) (i32.const 1000)))
                  i32.const 0)""");
        assertEquals("{\"error\":{\"code\":\"not_found\",\"message\":\"the function has no variable 'a\\\"\\u0000\uFFFD'\"}}",
                text(succeeded(strange, call())));
    }

    @Test
    void aNameTooLongForAVariableIsInvalid() {
        var longName = handler("(i32.add (call $env_get (i32.const 0) (i32.const 257)) (i32.const 2))");
        succeeded(longName, call());
    }

    @Test
    void thereIsNoResultBeforeTheFirstHostCall() {
        succeeded(handler("(call $result_read (i32.const 0) (i32.const 10))"), call());
    }

    @Test
    void aHostCallWithoutABodyLeavesTheResultAlone() {
        var reads = module("""
                (memory (export "memory") 1)
                (data (i32.const 0) "MODE")
                (func (export "handler") (result i32)
                  (drop (call $env_get (i32.const 0) (i32.const 4)))
                  (drop (call $input_read (i32.const 0) (i32.const 10)))
                  (call $log (i32.const 1) (i32.const 0) (i32.const 1))
                  (call $output_write (i32.const 0) (i32.const 0))
                  (call $output_write (i32.const 50) (call $result_read (i32.const 50) (i32.const 50)))
                  i32.const 0)""");
        assertEquals("dark", text(succeeded(reads, withEnv("MODE", "dark"))));
    }

    @Test
    void logsInOrderWithLevels() {
        var logs = module("""
                (memory (export "memory") 1)
                (data (i32.const 0) "one two")
                (func (export "handler") (result i32)
                  (call $log (i32.const 0) (i32.const 0) (i32.const 3))
                  (call $log (i32.const 4) (i32.const 4) (i32.const 3))
                  i32.const 0)""");
        var execution = guests.run(logs);
        assertEquals(List.of("DEBUG one", "FATAL two"), shown(execution.log()));
        assertTrue(execution.log().stream().allMatch(line -> line.offsetMillis() >= 0));
    }

    @Test
    void aLevelThatDoesNotExistBecomesTheNearest() {
        var levels = handler("""
                (call $log (i32.const -7) (i32.const 0) (i32.const 0))
                (call $log (i32.const 99) (i32.const 0) (i32.const 0))
                i32.const 0""");
        assertEquals(List.of("DEBUG ", "FATAL "), shown(guests.run(levels).log()));
    }

    @Test
    void whatIsNotUtf8InALogLineIsReplaced() {
        var broken = module("""
                (memory (export "memory") 1)
                (data (i32.const 0) "a\\ffb\\c3")
                (func (export "handler") (result i32)
                  (call $log (i32.const 1) (i32.const 0) (i32.const 4))
                  i32.const 0)""");
        assertEquals(List.of("INFO a\uFFFDb\uFFFD"), shown(guests.run(broken).log()));
    }

    @Test
    void aNumberOtherThanZeroIsAFailureWithTheOutputSoFar() {
        var failed = failed(handler("""
                (drop (call $input_read (i32.const 0) (i32.const 10)))
                (call $output_write (i32.const 0) (i32.const 4))
                i32.const -7"""), call("oops"));
        assertEquals("the function returned -7", failed.message());
        assertEquals("oops", text(failed.output()));
    }

    @Test
    void aTrapIsAFailureThatSaysWhat() {
        assertEquals("the function trapped: integer divide by zero",
                failed(handler("(i32.div_s (i32.const 1) (i32.const 0))"), call()).message());
        assertTrue(failed(handler("unreachable"), call()).message().startsWith("the function trapped: "));
    }

    @Test
    void initializesOnceBeforeTheHandler() {
        var counted = module("""
                (memory (export "memory") 1)
                (global $calls (mut i32) (i32.const 0))
                (func (export "_initialize") (global.set $calls (i32.add (global.get $calls) (i32.const 1))))
                (func (export "handler") (result i32) (i32.sub (global.get $calls) (i32.const 1)))""");
        succeeded(counted, call());
    }

    @Test
    void theStartFunctionMayCallTheHost() {
        var start = module("""
                (memory (export "memory") 1)
                (func $start (call $output_write (i32.const 0) (call $input_read (i32.const 0) (i32.const 10))))
                (start $start)
                (func (export "handler") (result i32) i32.const 0)""");
        assertEquals("early", text(succeeded(start, call("early"))));
    }

    @Test
    void aCommandsStartIsNotRun() {
        var both = module("""
                (memory (export "memory") 1)
                (func (export "_start") unreachable)
                (func (export "handler") (result i32) i32.const 0)""");
        succeeded(both, call());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(drop (call $input_read (i32.const 65534) (i32.const 10)))",
        "(drop (call $input_read (i32.const -1) (i32.const 10)))",
        "(drop (call $input_read (i32.const -3) (i32.const -1)))",
        "(drop (call $context_read (i32.const 65535) (i32.const 10)))",
        "(drop (call $env_get (i32.const 65535) (i32.const 2)))",
        "(drop (call $env_get (i32.const 2) (i32.const -1)))",
        "(drop (call $env_get (i32.const -1) (i32.const -1)))",
        "(call $output_write (i32.const 65536) (i32.const 1))",
        "(call $output_write (i32.const 1) (i32.const 2147483647))",
        "(call $output_write (i32.const 16) (i32.const -16))",
        "(call $log (i32.const 1) (i32.const 65530) (i32.const 7))",
        "(call $log (i32.const 1) (i32.const -2147483648) (i32.const -2147483648))",
        "(call $log (i32.const 1) (i32.const 1) (i32.const -1))"
    })
    void aPointerOutsideOfTheMemoryTraps(String hostCall) {
        var message = failed(handler(hostCall + " i32.const 0"), call("abc")).message();
        assertTrue(message.startsWith("the function trapped: a host call was pointed at "), message);
    }

    @Test
    void aFaultOfTheHostIsNotTheGuests() {
        var call = new GuestCall(null, new byte[0], Map.of(), Guests.NO_SERVICES, Limits.DEFAULT, Duration.ofMinutes(1));
        var failed = failed(ECHO, call);
        assertEquals(Failure.HOST_FUNCTION_ERROR, failed.failure());
        assertEquals("the host function 'input_read' failed", failed.message());
    }

    @Test
    void doesNotRunWhatIsPastItsDeadline() {
        var late = new GuestCall(new byte[0], new byte[0], Map.of(), Guests.NO_SERVICES, Limits.DEFAULT, Duration.ZERO);
        var execution = guests.run(guests.compile(ECHO), late);
        assertInstanceOf(Expired.class, execution.outcome());
        assertEquals(Duration.ZERO, execution.run());
    }

    private byte[] succeeded(String wat, GuestCall call) {
        return assertInstanceOf(Succeeded.class, guests.run(wat, call).outcome()).output();
    }

    private Failed failed(String wat, GuestCall call) {
        return assertInstanceOf(Failed.class, guests.run(wat, call).outcome());
    }

    private static List<String> shown(List<LogLine> log) {
        return log.stream().map(line -> line.level() + " " + line.message()).toList();
    }
}
