package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.text;
import static io.aerodb.functions.worker.wasm.WasiGuests.buffers;
import static io.aerodb.functions.worker.wasm.WasiGuests.call;
import static io.aerodb.functions.worker.wasm.WasiGuests.command;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.Outcome.Failed;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import io.aerodb.functions.invocation.Outcome.TimedOut;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WasiStreamsTest {

    private static final String DATA = "(memory (export \"memory\") 1) (data (i32.const 1000) \"one\\ntwo\\n\\nfour\")";

    private final Guests guests = new Guests(Guests.sandbox(Guests.BUDGET_BYTES));

    @AfterEach
    void close() {
        guests.close();
    }

    @Test
    void readsTheInputInPieces() {
        // two bytes at a time into two buffers, each piece written with a stroke after it
        var cat = WasiGuests.module("(memory (export \"memory\") 1) (data (i32.const 200) \"|\")", "(func (export \"_start\") (loop $more "
                + buffers(0, 100, 1, 110, 1, 200, 1)
                + "(if " + call("fd_read", 0, 0, 2, 60) + "(then unreachable))"
                + "(if (i32.eqz (i32.load (i32.const 60))) (then return))"
                + "(i32.store (i32.const 12) (i32.sub (i32.load (i32.const 60)) (i32.const 1)))"
                + "(if " + call("fd_write", 1, 0, 3, 64) + "(then unreachable))"
                + "(br $more)))");
        assertEquals("ab|cd|e|", text(succeeded(cat, "abcde")));
        assertEquals("", text(succeeded(cat, "")));
    }

    @Test
    void aBufferMayClaimToReachBeyondTheMemoryIfTheBytesDoNot() {
        var read = command(buffers(0, 100, -1) + "(if " + call("fd_read", 0, 0, 1, 8) + "(then unreachable))"
                + "(call $output_write (i32.const 100) (i32.load (i32.const 8)))");
        assertEquals("abc", text(succeeded(read, "abc")));
    }

    @Test
    void theWholeInputCanStillBeReadByItsOtherName() {
        var both = command(buffers(0, 100, 2) + "(if " + call("fd_read", 0, 0, 1, 8) + "(then unreachable))"
                + "(call $output_write (i32.const 200) (call $input_read (i32.const 200) (i32.const 9)))");
        assertEquals("abc", text(succeeded(both, "abc")));
    }

    @Test
    void joinsOutputFromBothNames() {
        var both = WasiGuests.module(DATA, "(func (export \"_start\") (call $output_write (i32.const 1000) (i32.const 3))"
                + buffers(0, 1004, 3, 1004, 2, 5, 0) + "(if " + call("fd_write", 1, 0, 3, 100) + "(then unreachable))"
                + "(call $output_write (i32.const 100) (i32.const 1)))");
        assertEquals("onetwotw\5", text(succeeded(both, "")));
    }

    @Test
    void anAnswerMayLieOverItsOwnBuffers() {
        var over = command(buffers(0, 0, 8) + "(if " + call("fd_write", 1, 0, 1, 0) + "(then unreachable))"
                + "(call $output_write (i32.const 0) (i32.const 4))");
        assertEquals("\0\0\0\0\10\0\0\0\10\0\0\0", text(succeeded(over, "")));
    }

    @Test
    void splitsTheErrorStreamIntoLines() {
        var logs = WasiGuests.module(DATA, "(func (export \"_start\")" + write(1000, 2) + write(1002, 6) + write(1008, 1)
                + "(call $log (i32.const 3) (i32.const 1000) (i32.const 3))" + write(1009, 4) + ")");
        assertEquals(List.of("INFO one", "INFO two", "INFO ", "ERROR one", "INFO four"), shown(guests.run(logs).log()));
    }

    @Test
    void theLastLineIsLoggedHoweverTheRunEnds() {
        var traps = WasiGuests.module(DATA, "(func (export \"_start\")" + write(1004, 3) + "unreachable)");
        assertEquals(List.of("INFO two"), shown(guests.run(traps).log()));
        var loops = WasiGuests.module(DATA, "(func (export \"_start\")" + write(1004, 3) + "(loop (br 0)))");
        var execution = guests.run(loops, Guests.withTimeout(100));
        assertInstanceOf(TimedOut.class, execution.outcome());
        assertEquals(List.of("INFO two"), shown(execution.log()));
    }

    @Test
    void aLineWithoutAnEndIsCutAndFlagged() {
        var execution = guests.run(command("(loop " + write(1000, 1000)
                + "(br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))"));
        assertInstanceOf(Succeeded.class, execution.outcome());
        assertTrue(execution.logTruncated());
        assertEquals(GuestLog.MAX_BYTES, execution.log().getFirst().message().length());
        assertEquals(1, execution.log().size());
    }

    @Test
    void aLineThatJustFitsIsNotCut() {
        var execution = guests.run(command(write(0, 65_536)));
        assertFalse(execution.logTruncated());
        assertEquals(GuestLog.MAX_BYTES, execution.log().getFirst().message().length());
    }

    @Test
    void cutsAFloodOfEmptyLines() {
        var execution = guests.run(command("(memory.fill (i32.const 1000) (i32.const 10) (i32.const 5000))" + write(1000, 5000)));
        assertTrue(execution.logTruncated());
        assertEquals(GuestLog.MAX_LINES, execution.log().size());
    }

    @Test
    void takesNoMoreOfManyBuffersThanOneCallMay() {
        // 2000 buffers of one byte each, all at 0
        var many = command("(loop (i32.store (i32.add (i32.const 1004) (i32.shl (local.get $i) (i32.const 3))) (i32.const 1))"
                + "(br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2000))))"
                + "(if " + call("fd_write", 1, 1000, 2000, 8) + "(then unreachable))"
                + "(if (i32.ne (i32.load (i32.const 8)) (i32.const 1024)) (then unreachable))"
                + "(if " + call("fd_write", 1, 1000, -1, 8) + "(then unreachable))");
        assertEquals(2048, succeeded(many, "").length);
    }

    @Test
    void theLengthsOfOneCallAddUpToNoMoreThanItCanTell() {
        // 1024 times the same 64 MiB, to a log that drops nearly all of it
        var same = WasiGuests.module("(memory (export \"memory\") 1024)", "(func (export \"_start\") (local $i i32)"
                + "(loop (i32.store (i32.add (i32.const 1004) (i32.shl (local.get $i) (i32.const 3))) (i32.const 67108864))"
                + "(br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1024))))"
                + "(if " + call("fd_write", 2, 1000, 1024, 8) + "(then unreachable))"
                + "(if (i32.ne (i32.load (i32.const 8)) (i32.const 2147483647)) (then unreachable)))");
        assertEquals(0, succeeded(same, "").length);
    }

    @Test
    void stopsAFloodOfOutput() {
        var flood = command(buffers(0, 0, 65_536) + "(loop (drop " + call("fd_write", 1, 0, 1, 65_532) + ") (br 0))");
        var failed = assertInstanceOf(Failed.class, guests.run(flood).outcome());
        assertEquals("the function wrote more than 6291456 bytes of output", failed.message());
        assertEquals(GuestOutput.MAX_BYTES, failed.output().length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fd_write 1 0 0 8", "fd_write 2 0 1 8", "fd_read 0 0 1 8", "sched_yield", "clock_time_get 0 0 8", "random_get 0 0"})
    void endlessCallsEndAtTheDeadline(String endless) {
        var words = endless.split(" ");
        var args = Arrays.stream(words).skip(1).mapToLong(Long::parseLong).toArray();
        var loop = command(buffers(0, 100, 9) + "(loop (drop " + call(words[0], args) + ") (br 0))");
        assertInstanceOf(TimedOut.class, guests.run(loop, Guests.withTimeout(100)).outcome());
    }

    @ParameterizedTest
    @ValueSource(longs = {65_530, -1, 65_536, 4_294_967_290L})
    void aBufferOutsideOfTheMemoryTraps(long pointer) {
        for (var call : List.of(call("fd_write", 1, 0, 1, 100), call("fd_write", 2, 0, 1, 100), call("fd_read", 0, 0, 1, 100))) {
            var wat = command(buffers(0, pointer, 10) + "(drop " + call + ")");
            var failed = assertInstanceOf(Failed.class, guests.run(wat, Guests.call("0123456789")).outcome());
            assertTrue(failed.message().startsWith("the function trapped: a host call was pointed at 10 bytes"), failed.message());
        }
    }

    /** To the error stream. */
    private static String write(int pointer, int length) {
        return buffers(0, pointer, length) + "(if " + call("fd_write", 2, 0, 1, 100) + "(then unreachable))";
    }

    private byte[] succeeded(String wat, String input) {
        return assertInstanceOf(Succeeded.class, guests.run(wat, Guests.call(input)).outcome()).output();
    }

    private static List<String> shown(List<LogLine> log) {
        return log.stream().map(line -> line.level() + " " + line.message()).toList();
    }
}
