package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.bytes;
import static io.aerodb.functions.worker.wasm.Guests.call;
import static io.aerodb.functions.worker.wasm.Guests.handler;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static io.aerodb.functions.worker.wasm.Guests.withEnv;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.Limits;
import io.aerodb.functions.invocation.LogLine;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The host calls that stay inside of the sandbox. */
abstract class AbiConformance extends Conformance {

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

    AbiConformance(LongFunction<Sandbox> sandboxes) {
        super(sandboxes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "hello, world", "größer €"})
    void answersWithWhatTheFunctionWrites(String payload) {
        var echo = handler("""
                (call $output_write (i32.const 8) (call $input_read (i32.const 8) (i32.const 1000)))
                i32.const 0""");
        assertEquals(payload, succeeded(guests.run(echo, call(payload))));
    }

    @Test
    void joinsSeveralWrites() {
        var twice = handler("""
                (drop (call $input_read (i32.const 0) (i32.const 10)))
                (call $output_write (i32.const 0) (i32.const 2))
                (call $output_write (i32.const 0) (i32.const 0))
                (call $output_write (i32.const 1) (i32.const 3))
                i32.const 0""");
        assertEquals("abbcd", succeeded(guests.run(twice, call("abcd"))));
    }

    @Test
    void whatWasWrittenIsNotChangedByTheGuestLater() {
        var scribbler = handler("""
                (drop (call $input_read (i32.const 0) (i32.const 4)))
                (call $output_write (i32.const 0) (i32.const 4))
                (call $log (i32.const 1) (i32.const 0) (i32.const 4))
                (memory.fill (i32.const 0) (i32.const 120) (i32.const 4))
                i32.const 0""");
        var execution = guests.run(scribbler, call("abcd"));
        assertEquals("abcd", succeeded(execution));
        assertEquals(List.of("INFO abcd"), shown(execution.log()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"input_read", "context_read"})
    void aReadOfNothingTellsTheSize(String read) {
        var size = handler("(i32.sub (call $" + read + " (i32.const 0) (i32.const 0)) (i32.const 5))");
        var call = new GuestCall(bytes("12345"), bytes("{   }"), Map.of(), Guests.NO_SERVICES, Limits.DEFAULT, Duration.ofMinutes(1));
        assertEquals("", succeeded(guests.run(size, call)));
    }

    @Test
    void aShortReadCopiesWhatFitsAndTellsTheWholeLength() {
        var shortRead = handler("""
                (if (i32.ne (call $input_read (i32.const 0) (i32.const 3)) (i32.const 6)) (then unreachable))
                (call $output_write (i32.const 0) (i32.const 5))
                i32.const 0""");
        assertEquals("abc\0\0", succeeded(guests.run(shortRead, call("abcdef"))));
    }

    @Test
    void aReadBeginsAtTheStartEveryTime() {
        var twice = handler("""
                (drop (call $input_read (i32.const 0) (i32.const 2)))
                (drop (call $input_read (i32.const 2) (i32.const 2)))
                (call $output_write (i32.const 0) (i32.const 4))
                i32.const 0""");
        assertEquals("abab", succeeded(guests.run(twice, call("abcdef"))));
    }

    @Test
    void aBufferMayClaimToReachBeyondTheMemoryIfTheBytesDoNot() {
        var unlimited = handler("""
                (call $output_write (i32.const 8) (call $input_read (i32.const 8) (i32.const -1)))
                i32.const 0""");
        assertEquals("abc", succeeded(guests.run(unlimited, call("abc"))));
    }

    @Test
    void theLastBytesOfTheMemoryCanBeUsed() {
        var edge = handler("""
                (call $output_write (i32.const 65533) (call $input_read (i32.const 65533) (i32.const 3)))
                (call $log (i32.const 1) (i32.const 65533) (i32.const 3))
                (call $output_write (i32.const 65536) (i32.const 0))
                i32.const 0""");
        assertEquals("abc", succeeded(guests.run(edge, call("abc"))));
    }

    @Test
    void hostCallsSeeTheMemoryThatWasGrown() {
        var grown = handler("""
                (drop (memory.grow (i32.const 1)))
                (call $output_write (i32.const 131069) (call $input_read (i32.const 131069) (i32.const 3)))
                i32.const 0""");
        assertEquals("abc", succeeded(guests.run(grown, call("abc"))));
    }

    @Test
    void readsTheContext() {
        var context = handler("""
                (call $output_write (i32.const 0) (call $context_read (i32.const 0) (i32.const 1000)))
                i32.const 0""");
        assertEquals("{}", succeeded(guests.run(context, call("input"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"größer", "", "two\nlines"})
    void readsAVariable(String value) {
        assertEquals(value, succeeded(guests.run(GET_MODE, withEnv("MODE", value))));
    }

    @Test
    void theLengthOfAVariableIsInBytes() {
        var length = handler("""
                (i32.store8 (i32.const 0) (i32.const 65))
                (i32.sub (call $env_get (i32.const 0) (i32.const 1)) (i32.const 3))""");
        succeeded(guests.run(length, withEnv("A", "€")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"OTHER", "mode", "MODES"})
    void aMissingVariableIsNotFound(String present) {
        var failed = failed(guests.run(GET_MODE, withEnv(present, "x")));
        assertEquals("the function returned 1", failed.message());
        assertEquals("{\"error\":{\"code\":\"not_found\",\"message\":\"the function has no variable 'MODE'\"}}",
                Guests.text(failed.output()));
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
                succeeded(guests.run(strange)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 -1", "256 -1", "257 -2", "65536 -2"})
    void aNameTooLongForAVariableIsInvalid(String lengthAndNumber) {
        var parts = lengthAndNumber.split(" ");
        succeeded(guests.run(handler("(i32.sub (call $env_get (i32.const 0) (i32.const %s)) (i32.const %s))".formatted((Object[]) parts))));
    }

    @Test
    void theErrorOfANameTooLongSaysHowLongItMayBe() {
        var tooLong = handler("""
                (drop (call $env_get (i32.const 0) (i32.const 257)))
                (call $output_write (i32.const 0) (call $result_read (i32.const 0) (i32.const 1000)))
                i32.const 0""");
        assertEquals("{\"error\":{\"code\":\"invalid\",\"message\":\"the name of a variable has at most 256 bytes\"}}",
                succeeded(guests.run(tooLong)));
    }

    @Test
    void thereIsNoResultBeforeTheFirstHostCall() {
        succeeded(guests.run(handler("(call $result_read (i32.const 0) (i32.const 10))")));
    }

    @Test
    void aHostCallWithoutABodyLeavesTheResultAlone() {
        var reads = module("""
                (memory (export "memory") 1)
                (data (i32.const 0) "MODE")
                (func (export "handler") (result i32)
                  (drop (call $env_get (i32.const 0) (i32.const 4)))
                  (drop (call $input_read (i32.const 0) (i32.const 10)))
                  (drop (call $context_read (i32.const 0) (i32.const 10)))
                  (call $log (i32.const 1) (i32.const 0) (i32.const 1))
                  (call $output_write (i32.const 0) (i32.const 0))
                  (drop (call $result_read (i32.const 50) (i32.const 2)))
                  (call $output_write (i32.const 50) (call $result_read (i32.const 50) (i32.const 50)))
                  i32.const 0)""");
        assertEquals("dark", succeeded(guests.run(reads, withEnv("MODE", "dark"))));
    }

    @Test
    void theNextBodyTakesThePlaceOfTheLast() {
        var two = module("""
                (memory (export "memory") 1)
                (data (i32.const 0) "MODE")
                (func (export "handler") (result i32)
                  (drop (call $env_get (i32.const 0) (i32.const 3)))
                  (drop (call $env_get (i32.const 0) (i32.const 4)))
                  (call $output_write (i32.const 50) (call $result_read (i32.const 50) (i32.const 50)))
                  i32.const 0)""");
        assertEquals("dark", succeeded(guests.run(two, withEnv("MODE", "dark"))));
    }

    @Test
    void logsInOrderWithLevels() {
        var logs = module("""
                (memory (export "memory") 1)
                (data (i32.const 0) "01234")
                (func (export "handler") (result i32) (local $i i32)
                  (loop $next
                    (call $log (local.get $i) (local.get $i) (i32.const 1))
                    (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5))))
                  i32.const 0)""");
        var execution = guests.run(logs);
        assertEquals("", succeeded(execution), "a log line is no output");
        assertEquals(List.of("DEBUG 0", "INFO 1", "WARN 2", "ERROR 3", "FATAL 4"), shown(execution.log()));
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

    @ParameterizedTest
    @ValueSource(strings = {
        "(drop (call $input_read (i32.const 65534) (i32.const 10)))",
        "(drop (call $input_read (i32.const -1) (i32.const 10)))",
        "(drop (call $input_read (i32.const -3) (i32.const -1)))",
        "(drop (call $context_read (i32.const 65535) (i32.const 10)))",
        "(drop (call $env_get (i32.const 0) (i32.const 1))) (drop (call $result_read (i32.const 65535) (i32.const 10)))",
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
        var message = failed(guests.run(handler(hostCall + " i32.const 0"), call("abc"))).message();
        assertTrue(message.startsWith("the function trapped: a host call was pointed at "), message);
    }

    @Test
    void theTrapOfAPointerSaysWhereItPointed() {
        assertEquals("the function trapped: a host call was pointed at 4294967295 bytes at 2147483648, outside of a memory of 65536 bytes",
                failed(guests.run(handler("(call $output_write (i32.const -2147483648) (i32.const -1)) i32.const 0"))).message());
    }

    private static List<String> shown(List<LogLine> log) {
        return log.stream().map(line -> line.level() + " " + line.message()).toList();
    }
}
