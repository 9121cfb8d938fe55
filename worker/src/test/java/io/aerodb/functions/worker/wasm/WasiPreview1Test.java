package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.bytes;
import static io.aerodb.functions.worker.wasm.Guests.text;
import static io.aerodb.functions.worker.wasm.Guests.withTimeout;
import static io.aerodb.functions.worker.wasm.WasiGuests.call;
import static io.aerodb.functions.worker.wasm.WasiGuests.command;
import static io.aerodb.functions.worker.wasm.WasiGuests.exiting;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.Limits;
import io.aerodb.functions.invocation.Outcome.Failed;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import io.aerodb.functions.invocation.Outcome.TimedOut;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WasiPreview1Test {

    private final Guests guests = new Guests(Guests.sandbox(Guests.BUDGET_BYTES));

    @AfterEach
    void close() {
        guests.close();
    }

    @Test
    void hasTheFunctionsAndTypesThatAnotherHostHas() {
        try (var other = com.dylibso.chicory.wasi.WasiPreview1.builder().build()) {
            var expected = new TreeMap<String, String>();
            for (var function : other.toHostFunctions()) {
                expected.put(function.name(), function.paramTypes() + " -> " + function.returnTypes());
            }
            var actual = WasiPreview1.CALLS.stream().collect(Collectors.toMap(HostCall::name,
                    call -> call.type().params() + " -> " + call.type().returns(), (a, _) -> a, TreeMap::new));
            expected.keySet().removeIf(name -> name.startsWith("adapter_")); // of its own making
            assertEquals(expected, actual);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            fd_advise               | 1 0 0 0            | 70
            fd_advise               | 3 0 0 0            | 8
            fd_allocate             | 1 0 9              | 70
            fd_close                | 3                  | 8
            fd_close                | -1                 | 8
            fd_datasync             | 1                  | 28
            fd_datasync             | 4                  | 8
            fd_fdstat_get           | 3 0                | 8
            fd_fdstat_set_flags     | 1 4                | 0
            fd_fdstat_set_flags     | 3 4                | 8
            fd_fdstat_set_rights    | 0 2 0              | 58
            fd_filestat_get         | 3 0                | 8
            fd_filestat_get         | 2 0                | 0
            fd_filestat_set_size    | 1 -1               | 28
            fd_filestat_set_times   | 1 0 0 0            | 58
            fd_pread                | 0 0 1 0 0          | 70
            fd_pread                | 3 0 1 0 0          | 8
            fd_prestat_get          | 3 0                | 8
            fd_prestat_get          | 0 0                | 8
            fd_prestat_dir_name     | 3 0 9              | 8
            fd_pwrite               | 1 0 1 0 0          | 70
            fd_read                 | 1 0 0 0            | 8
            fd_read                 | 3 -1 -1 -1         | 8
            fd_readdir              | 0 0 0 0 0          | 54
            fd_readdir              | 3 0 0 0 0          | 8
            fd_renumber             | 1 2                | 58
            fd_renumber             | 1 3                | 58
            fd_renumber             | 3 1                | 8
            fd_seek                 | 0 0 0 0            | 70
            fd_seek                 | 3 0 0 0            | 8
            fd_sync                 | 2                  | 28
            fd_tell                 | 1 0                | 70
            fd_write                | 0 0 0 0            | 8
            fd_write                | 3 -1 -1 -1         | 8
            path_create_directory   | 3 0 1              | 8
            path_filestat_get       | 3 0 0 1 0          | 8
            path_filestat_set_times | 3 0 0 1 0 0 0      | 8
            path_link               | 3 0 0 1 3 0 1      | 8
            path_open               | 3 0 0 1 0 0 0 0 0  | 8
            path_open               | 1 0 0 1 0 0 0 0 0  | 54
            path_readlink           | 3 0 1 0 1 0        | 8
            path_remove_directory   | 3 0 1              | 8
            path_rename             | 3 0 1 3 0 1        | 8
            path_symlink            | 0 1 3 0 1          | 8
            path_symlink            | 0 1 1 0 1          | 54
            path_unlink_file        | 3 0 1              | 8
            poll_oneoff             | 0 0 0 0            | 28
            poll_oneoff             | 0 0 1025 0         | 28
            poll_oneoff             | -1 -1 -1 -1        | 28
            proc_raise              | 6                  | 58
            sched_yield             |                    | 0
            sock_accept             | 0 0 0              | 57
            sock_accept             | 3 0 0              | 8
            sock_recv               | 3 0 0 0 0 0        | 8
            sock_send               | 3 0 0 0 0          | 8
            sock_shutdown           | 3 0                | 8
            clock_res_get           | 4 0                | 28
            clock_time_get          | 4 0 0              | 28
            clock_time_get          | -1 0 0             | 28
            """)
    void answersWithTheErrnoThatTellsWhatIsMissing(String function, String args, int errno) {
        var numbers = args == null ? new long[0] : Arrays.stream(args.split(" ")).mapToLong(Long::parseLong).toArray();
        var outcome = guests.run(exiting(call(function, numbers))).outcome();
        if (errno == 0) {
            assertInstanceOf(Succeeded.class, outcome);
        } else {
            assertEquals("the function exited with status " + errno, assertInstanceOf(Failed.class, outcome).message());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            args_get          | 65536 0
            args_get          | 0 65530
            args_sizes_get    | 65533 0
            args_sizes_get    | 0 -1
            environ_get       | 65534 0
            environ_get       | 0 65534
            environ_sizes_get | -4 0
            environ_sizes_get | 0 65536
            clock_res_get     | 0 65529
            clock_time_get    | 1 0 -8
            fd_fdstat_get     | 0 65513
            fd_filestat_get   | 1 65473
            fd_read           | 0 65532 1 0
            fd_read           | 0 -8 1 0
            fd_read           | 0 0 1 65533
            fd_write          | 1 65532 1 0
            fd_write          | 1 64000 1024 0
            fd_write          | 2 0 0 -1
            random_get        | 0 65537
            random_get        | -1 -1
            random_get        | 65536 1
            poll_oneoff       | 65500 0 1 0
            poll_oneoff       | 0 65510 1 0
            poll_oneoff       | 0 0 1 65533
            """)
    void aPointerOutsideOfTheMemoryTraps(String function, String args) {
        var numbers = Arrays.stream(args.split(" ")).mapToLong(Long::parseLong).toArray();
        var failed = assertInstanceOf(Failed.class, guests.run(exiting(call(function, numbers)), withEnv(Map.of("A", "1"))).outcome());
        assertTrue(failed.message().startsWith("the function trapped: a host call was pointed at "), failed.message());
    }

    @Test
    void theOnlyArgumentIsAName() {
        assertEquals("01000000" + "09000000" + "64000000" + "66756e6374696f6e00", hex(written(command(
                call("args_sizes_get", 0, 4) + mustSucceed() + call("args_get", 8, 100) + mustSucceed()
                        + "(call $output_write (i32.const 0) (i32.const 12))(call $output_write (i32.const 100) (i32.const 9))"),
                Guests.call())));
    }

    @Test
    void theEnvironmentIsTheFunctionsOwn() {
        var environment = command(call("environ_sizes_get", 0, 4) + mustSucceed() + call("environ_get", 8, 100) + mustSucceed()
                + "(call $output_write (i32.load (i32.const 8)) (i32.load (i32.const 4)))");
        assertEquals("", text(written(environment, Guests.call())));
        assertEquals("A=größer\0MODE=a=b\0NONE=\0",
                text(written(environment, withEnv(Map.of("MODE", "a=b", "NONE", "", "A", "größer")))));
    }

    @Test
    void everyVariableHasAPointer() {
        var pointers = written(command(call("environ_get", 0, 100) + mustSucceed()
                + "(call $output_write (i32.const 0) (i32.const 12))"), withEnv(Map.of("A", "1", "BB", "22")));
        assertEquals("64000000" + "68000000" + "00000000", hex(pointers));
    }

    @Test
    void theWallClockIsTheWorldsAndCoarse() {
        var before = Instant.now().minusMillis(1);
        var nanos = time(0);
        assertTrue(Instant.ofEpochSecond(0, nanos).isAfter(before));
        assertTrue(Instant.ofEpochSecond(0, nanos).isBefore(Instant.now().plusMillis(1)));
        assertEquals(0, nanos % 100_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void theOtherClocksBeginWithTheRun(int clock) {
        var nanos = time(clock);
        assertTrue(nanos > 0 && nanos < Duration.ofMinutes(5).toNanos(), () -> "" + nanos);
        assertEquals(0, nanos % 100_000);
        assertEquals(100_000, ByteBuffer.wrap(written(command(call("clock_res_get", clock, 0) + mustSucceed()
                + "(call $output_write (i32.const 0) (i32.const 8))"), Guests.call())).order(ByteOrder.LITTLE_ENDIAN).getLong());
    }

    @Test
    void randomBytesDifferInEveryPieceAndEveryRun() {
        var random = WasiGuests.module("(memory (export \"memory\") 3)", "(func (export \"_start\") "
                + call("random_get", 1, 131_073) + mustSucceed() + "(call $output_write (i32.const 0) (i32.const 131075)))");
        var first = written(random, Guests.call());
        assertEquals(0, first[0], "in front of the buffer");
        assertEquals(0, first[131_074], "behind the buffer");
        assertFalse(Arrays.equals(first, 1, 65_537, first, 65_537, 131_073));
        assertFalse(Arrays.equals(first, 131_000, 131_074, first, 130_900, 130_974));
        assertFalse(Arrays.equals(first, written(random, Guests.call())));
    }

    @Test
    void aGigabyteOfRandomBytesEndsAtTheDeadline() {
        var flood = WasiGuests.module("(memory (export \"memory\") 1024)",
                "(func (export \"_start\") (loop " + call("random_get", 0, 67_108_864) + mustSucceed() + "(br 0)))");
        var execution = guests.run(flood, withTimeout(100));
        assertInstanceOf(TimedOut.class, execution.outcome());
    }

    @Test
    void theStreamsLookLikePipes() {
        var status = command(call("fd_fdstat_get", 0, 0) + mustSucceed() + call("fd_fdstat_get", 1, 24) + mustSucceed()
                + call("fd_fdstat_get", 2, 48) + mustSucceed() + "(call $output_write (i32.const 0) (i32.const 72))");
        var zeros = "0000000000000000";
        var expected = zeros + "0200000000000000" + zeros + (zeros + "4000000000000000" + zeros).repeat(2);
        assertEquals(expected, hex(written(status, Guests.call())));
    }

    @Test
    void aStreamThatWasClosedIsGone() {
        var closed = command(call("fd_close", 1) + mustSucceed() + "(call $proc_exit " + call("fd_write", 1, 0, 0, 0) + ")");
        assertEquals("the function exited with status 8", guests.run(closed).outcome().message());
        var twice = command(call("fd_close", 0) + mustSucceed() + "(call $proc_exit " + call("fd_close", 0) + ")");
        assertEquals("the function exited with status 8", guests.run(twice).outcome().message());
    }

    @Test
    void nothingOfItIsSharedBetweenRuns() {
        var closing = guests.compile(command("(if " + call("fd_read", 0, 0, 0, 8) + "(then unreachable))" + call("fd_close", 0) + "drop"));
        for (var i = 0; i < 3; i++) {
            assertInstanceOf(Succeeded.class, guests.run(closing, Guests.call("x")).outcome());
        }
    }

    @Test
    void callsOfItAtTheEdgeOfTheStackAreDoneWhollyOrNotAtAll() {
        var calls = call("random_get", 0, 64) + mustSucceed() + call("environ_get", 0, 500) + mustSucceed()
                + call("clock_time_get", 0, 0, 0) + mustSucceed() + call("fd_write", 2, 1000, 1, 0) + mustSucceed();
        var deep = guests.compile(WasiGuests.module("(memory (export \"memory\") 1)",
                "(func $f " + calls + " (call $f))", "(func (export \"_start\") call $f)"));
        for (var i = 0; i < 10; i++) {
            assertEquals("the function's call stack is exhausted", guests.run(deep, withEnv(Map.of("A", "1"))).outcome().message());
        }
        assertArrayEquals(bytes(""), written(command(call("random_get", 0, 64) + mustSucceed()), Guests.call()));
    }

    private long time(int clock) {
        var bytes = written(command(call("clock_time_get", clock, 0, 0) + mustSucceed()
                + "(call $output_write (i32.const 0) (i32.const 8))"), Guests.call());
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private byte[] written(String wat, GuestCall call) {
        return assertInstanceOf(Succeeded.class, guests.run(wat, call).outcome()).output();
    }

    private static GuestCall withEnv(Map<String, String> env) {
        return new GuestCall(bytes("abc"), bytes("{}"), env, Guests.NO_SERVICES, Limits.DEFAULT, Duration.ofMinutes(1));
    }

    /** After a call. */
    private static String mustSucceed() {
        return "(if (then unreachable))";
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
