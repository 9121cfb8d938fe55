package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.text;
import static io.aerodb.functions.worker.wasm.WasiGuests.command;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Outcome.Failed;
import io.aerodb.functions.invocation.Outcome.Failure;
import io.aerodb.functions.invocation.Outcome.MemoryExceeded;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WasiCommandTest {

    private static final String MEMORY = "(memory (export \"memory\") 1) (data (i32.const 0) \"text\")";
    private static final String WRITE = "(call $output_write (i32.const 0) (i32.const 4))";

    private final Guests guests = new Guests(Guests.sandbox(Guests.BUDGET_BYTES));

    @AfterEach
    void close() {
        guests.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "(call $proc_exit (i32.const 0)) unreachable"})
    void succeedsByReturningAndByTheStatusZero(String end) {
        assertEquals("text", text(succeeded(WasiGuests.module(MEMORY, "(func (export \"_start\")" + WRITE + end + ")"))));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 42, 255, -1})
    void anyOtherStatusIsAFailureWithTheOutputSoFar(int status) {
        var failed = assertInstanceOf(Failed.class, run(
                WasiGuests.module(MEMORY, "(func (export \"_start\")" + WRITE + "(call $proc_exit (i32.const " + status + ")))")));
        assertEquals(Failure.FUNCTION_ERROR, failed.failure());
        assertEquals("the function exited with status " + status, failed.message());
        assertEquals("text", text(failed.output()));
    }

    @Test
    void aTrapIsAFailure() {
        assertInstanceOf(Failed.class, run(command("unreachable")));
    }

    @Test
    void aHandlerMayExitToo() {
        var handler = "(func (export \"handler\") (result i32)" + WRITE + "(call $proc_exit (i32.const %d)) unreachable)";
        assertEquals("text", text(succeeded(WasiGuests.module(MEMORY, handler.formatted(0)))));
        assertEquals("the function exited with status 3", run(WasiGuests.module(MEMORY, handler.formatted(3))).message());
    }

    @Test
    void anExitIsTheEndEvenWhileInitializing() {
        assertEquals("", text(succeeded(WasiGuests.module(MEMORY, "(func (export \"_initialize\") (call $proc_exit (i32.const 0)))",
                "(func (export \"handler\") (result i32)" + WRITE + "i32.const 0)"))));
    }

    @Test
    void ofAHandlerAndAStartTheHandlerIsRun() {
        assertEquals("text", text(succeeded(WasiGuests.module(MEMORY, "(func (export \"_start\") (param i32) unreachable)",
                "(func (export \"handler\") (result i32)" + WRITE + "i32.const 0)"))));
    }

    @Test
    void anExitAfterRefusedMemoryIsMemoryExceeded() {
        assertInstanceOf(MemoryExceeded.class, guests.run(
                command("(drop (memory.grow (i32.const 1000))) (call $proc_exit (i32.const 1))"), Guests.withMemory(1)).outcome());
    }

    private byte[] succeeded(String wat) {
        return assertInstanceOf(Succeeded.class, run(wat)).output();
    }

    private Outcome run(String wat) {
        return guests.run(wat).outcome();
    }
}
