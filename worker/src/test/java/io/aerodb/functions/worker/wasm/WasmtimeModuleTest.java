package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Conformance.MEMORY;
import static io.aerodb.functions.worker.wasm.Conformance.failed;
import static io.aerodb.functions.worker.wasm.Conformance.succeeded;
import static io.aerodb.functions.worker.wasm.Guests.call;
import static io.aerodb.functions.worker.wasm.Guests.handler;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.wabt.Wat2Wasm;
import io.aerodb.functions.function.Limits;
import io.aerodb.functions.function.ModuleHash;
import java.util.HexFormat;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What rewriting must leave as it was, and what only this engine has. */
class WasmtimeModuleTest {

    private final Guests guests = new Guests(Guests.sandbox(SandboxEngine.WASMTIME, Guests.BUDGET_BYTES));

    @AfterEach
    void close() {
        guests.close();
    }

    @Test
    void functionsAreStillTheOnesThatWereMeant() {
        assertEquals("abcdefg", succeeded(guests.run(module(MEMORY, """
                (data (i32.const 0) "abcdefg")
                (type $write (func (param i32 i32)))
                (table $t 8 funcref)
                (elem (table $t) (i32.const 0) func $output_write $one)
                (elem $passive func $one $output_write)
                (elem $expressions funcref (ref.func $one) (ref.null func) (ref.func $output_write))
                (elem declare func $two)
                (global $import funcref (ref.func $output_write))
                (global $own funcref (ref.func $one))
                (func $one (param i32 i32) (call $output_write (local.get 0) (local.get 1)))
                (func $two (param i32 i32) (call $one (local.get 0) (local.get 1)))
                (func $begin (call $one (i32.const 0) (i32.const 1)))
                (start $begin)
                (func (export "_initialize")
                  (table.init $t $passive (i32.const 2) (i32.const 0) (i32.const 2))
                  (table.init $t $expressions (i32.const 4) (i32.const 2) (i32.const 1)))
                (func (export "handler") (result i32)
                  (call_indirect $t (type $write) (i32.const 1) (i32.const 1) (i32.const 0))
                  (call_indirect $t (type $write) (i32.const 2) (i32.const 1) (i32.const 2))
                  (call_indirect $t (type $write) (i32.const 3) (i32.const 1) (i32.const 4))
                  (table.set $t (i32.const 5) (global.get $import))
                  (call_indirect $t (type $write) (i32.const 4) (i32.const 1) (i32.const 5))
                  (table.set $t (i32.const 6) (global.get $own))
                  (call_indirect $t (type $write) (i32.const 5) (i32.const 1) (i32.const 6))
                  (table.set $t (i32.const 7) (ref.func $two))
                  (call_indirect $t (type $write) (i32.const 6) (i32.const 1) (i32.const 7))
                  i32.const 0)"""))));
    }

    @Test
    void aFunctionInASegmentOfUnusuallyWrittenKindIsStillTheOneThatWasMeant() throws Exception {
        // passive, which is a 1, here in two bytes; the handler calls it through the table
        var wasm = binary("8100" + "000102", "410041004101fc0c00004100110000");
        assertEquals("the function returned 7", failed(guests.run(compile(wasm), call())).message());
    }

    @Test
    void anOffsetCannotBePassedOffAsAnInstruction() {
        // of an instruction that names memory 0, 0x41 is the offset, and then function 0 is called; else all that is a constant
        var wasm = binary("01000102", "4100" + "28420041" + "ad" + "1000");
        assertEquals("the module is malformed or invalid: an instruction that names its memory is not supported",
                assertThrows(ModuleRejectedException.class, () -> compile(wasm)).getMessage());
    }

    @Test
    void aModuleWithoutImportsGlobalsOrTablesRuns() {
        assertEquals("", succeeded(guests.run(
                "(module (memory (export \"memory\") 0) (func (export \"handler\") (result i32) i32.const 0))")));
    }

    @Test
    void aCommandWritesAndExits() {
        var command = """
                (module
                  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                  (memory (export "memory") 1)
                  (data (i32.const 0) "\\10\\00\\00\\00\\05\\00\\00\\00")
                  (data (i32.const 16) "hello")
                  (func (export "_start")
                    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
                    (if (call $clock (i32.const 0) (i64.const 0x123456789abcdef) (i32.const 24)) (then unreachable))
                    (if (i64.eqz (i64.load (i32.const 24))) (then unreachable))
                    %s))""";
        assertEquals("hello", succeeded(guests.run(command.formatted(""))));
        assertEquals("hello", succeeded(guests.run(command.formatted("(call $exit (i32.const 0)) unreachable"))));
        assertEquals("hello", Guests.text(failed(guests.run(command.formatted("(call $exit (i32.const 3))"))).output()));
    }

    @Test
    void valuesBelowALoopStayOnTheStack() {
        succeeded(guests.run(handler("""
                (local $i i32)
                (i32.const 40)
                (loop $l (param i32) (result i32)
                  (i32.add (i32.const 1))
                  (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2000010))))
                (i32.sub (i32.const 2000050))""")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(f64.const nan:0x123456789abcd) (i64.reinterpret_f64) (i64.const 0x7ff123456789abcd) (i64.ne)",
        "(i64.const -9223372036854775808) (i64.const 0x8000000000000000) (i64.ne)",
        "(i32.const 0x80) (i32.const 128) (i32.ne)", "(select (result i32) (i32.const 0) (i32.const 1) (i32.const 1))",
        "(block $a (result i32) (block $b (br_table $b $b 0 (i32.const 2))) (i32.const 0))"})
    void instructionsKeepTheirNumbers(String body) {
        succeeded(guests.run(handler(body)));
    }

    @Test
    void hostCallsAreLimitedInNumber() {
        var endless = handler("(loop (drop (call $result_read (i32.const 0) (i32.const 0))) (br 0)) i32.const 0");
        assertEquals("the function made more than 100000 host calls, the most that the engine wasmtime can bear in one run",
                failed(guests.run(endless, patient())).message());
    }

    @Test
    void refusedElementsAreNotCounted() {
        succeeded(guests.run(module(MEMORY, "(table $a 0 10 funcref)", "(table $b 0 funcref)", """
                (func (export "handler") (result i32)
                  (if (i32.ne (table.grow $a (ref.null func) (i32.const 90000)) (i32.const -1)) (then unreachable))
                  (table.grow $b (ref.null func) (i32.const 90000)))""")));
    }

    @Test
    void otherRunsGoOnWhileAModuleIsCompiled() throws Exception {
        var wasm = Wat2Wasm.parse(module(MEMORY, ("(func (local i32) " + "(local.set 0 (i32.add (local.get 0) (i32.const 1)))".repeat(500) + ")")
                .repeat(300), Conformance.NOTHING));
        var fine = guests.compile(handler("i32.const 0"));
        try (var compiler = Executors.newSingleThreadExecutor()) {
            var compiling = compiler.submit(() -> guests.sandbox.compile(ModuleHash.of(wasm), wasm));
            var during = 0;
            while (!compiling.isDone()) {
                succeeded(guests.run(fine, call()));
                during++;
            }
            assertTrue(compiling.get() != null && during > 10, during + " runs");
        }
    }

    @Test
    void nothingNativeIsLeftOfModulesAndRuns() {
        churn(100);
        var before = Footprint.now();
        churn(300);
        var after = Footprint.now();
        System.out.printf("300 modules, each run 20 times; before %s, after %s%n", before, after);
        after.assertNotAbove(before);
        assertTrue(after.residentBytes() <= before.residentBytes() + 128 * Limits.MIB, () -> "memory grew from " + before + " to " + after);
    }

    private void churn(int modules) {
        for (var i = 0; i < modules; i++) {
            var module = guests.compile(handler("(drop (memory.grow (i32.const 3))) (drop (i32.const " + i + ")) i32.const 0"));
            for (var j = 0; j < 20; j++) {
                guests.run(module, call());
            }
            if (i % 100 == 0) {
                System.gc();
            }
        }
    }

    /** Function 0 is i64 -> i32, 1 the handler with this body, 2 returns 7; there are a table of one element and one element segment. */
    private static byte[] binary(String segment, String handler) {
        var body = "00" + handler + "0b";
        return HexFormat.of().parseHex("0061736d01000000" + sized("01", "02" + "6000017f" + "60017e017f") + sized("03", "03010000")
                + "0404017000010503010001"
                + sized("07", "02" + "066d656d6f72790200" + "0768616e646c65720001") + sized("09", "01" + segment)
                + sized("0a", "03" + "04" + "0041000b" + "%02x".formatted(body.length() / 2) + body + "04" + "0041070b"));
    }

    private static String sized(String section, String content) {
        return section + "%02x".formatted(content.length() / 2) + content;
    }

    private CompiledModule compile(byte[] wasm) throws ModuleRejectedException, InterruptedException {
        return guests.sandbox.compile(ModuleHash.of(wasm), wasm);
    }

    private static GuestCall patient() {
        return call("", new Limits(Limits.MAX_TIMEOUT, Limits.DEFAULT.memoryBytes()));
    }
}
