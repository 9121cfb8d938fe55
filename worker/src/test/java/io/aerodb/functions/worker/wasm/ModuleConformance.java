package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.bytes;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.wabt.Wat2Wasm;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.worker.module.TestArtefacts;
import java.util.HexFormat;
import java.util.Random;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

abstract class ModuleConformance extends Conformance {

    ModuleConformance(LongFunction<Sandbox> sandboxes) {
        super(sandboxes);
    }

    @Test
    void rejectsBytesThatDoNotFitTheHash() {
        var wasm = Wat2Wasm.parse(module(MEMORY, NOTHING));
        assertEquals("the module's bytes do not fit its hash", assertThrows(ModuleRejectedException.class,
                () -> guests.sandbox.compile(ModuleHash.of(new byte[0]), wasm)).getMessage());
    }

    @Test
    void rejectsBytesThatAreNoModule() {
        assertTrue(rejected(bytes("#!/bin/sh")).startsWith("the module is malformed"));
        assertTrue(rejected(new byte[0]).startsWith("the module is malformed"));
        assertTrue(rejected(bytes("\0asm\2\0\0\0")).startsWith("the module is malformed"));
        assertTrue(rejected(HexFormat.of().parseHex("0061736d01000000" + "0affffffff07")).startsWith("the module is malformed"));
        assertTrue(rejected(HexFormat.of().parseHex("0061736d01000000" + "01ffffffff07")).startsWith("the module is malformed"));
    }

    @Test
    void rejectsOrCompilesButNeverBreaksOnDamagedModules() throws Exception {
        var wasm = Wat2Wasm.parse(module(MEMORY, NOTHING));
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++) {
            var damaged = wasm.clone();
            damaged[random.nextInt(8, damaged.length)] = (byte) random.nextInt();
            try {
                guests.sandbox.compile(ModuleHash.of(damaged), damaged);
            } catch (ModuleRejectedException expected) {
                assertTrue(expected.getMessage().startsWith("the "), expected.getMessage());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            (import "env" "env_get" (func (param i32 i32) (result i32)))                 | the import 'env.env_get' is unknown
            (import "aerodb_v2" "input_read" (func (param i32 i32) (result i32)))        | the import 'aerodb_v2.input_read' is unknown
            (import "wasi_snapshot_preview1" "fd_open" (func (param i32)))              | the import 'wasi_snapshot_preview1.fd_open' is unknown
            (import "wasi_unstable" "proc_exit" (func (param i32)))                     | the import 'wasi_unstable.proc_exit' is unknown
            (import "wasi_snapshot_preview1" "proc_exit" (func (param i64)))            | the import 'wasi_snapshot_preview1.proc_exit' must be (i32) -> (), the module has it as (i64) -> ()
            (import "env" "log" (func (param i32 i32 i32)))                             | the import 'env.log' is unknown
            (import "aerodb_v1" "log" (global i32))                                     | the import 'aerodb_v1.log' is unknown
            (import "aerodb_v1" "table" (table 1 funcref))                              | the import 'aerodb_v1.table' is unknown
            (import "aerodb_v1" "log" (func (param i32 i32)))                           | the import 'aerodb_v1.log' must be (i32, i32, i32) -> (), the module has it as (i32, i32) -> ()
            (import "aerodb_v1" "env_get" (func (param i32 i64) (result i32)))          | the import 'aerodb_v1.env_get' must be (i32, i32) -> (i32), the module has it as (i32, i64) -> (i32)
            """)
    void rejectsImportsThatAreNotProvided(String wanted, String message) {
        assertEquals(message, rejected("(module " + wanted + MEMORY + NOTHING + ")"));
    }

    @Test
    void rejectsAnImportedMemory() {
        assertEquals("the import 'env.memory' is unknown",
                rejected("(module (import \"env\" \"memory\" (memory 1))" + NOTHING + ")"));
    }

    @Test
    void acceptsTheSameImportTwice() throws Exception {
        var input = "(import \"aerodb_v1\" \"input_read\" (func (param i32 i32) (result i32)))";
        compile(Wat2Wasm.parse("(module " + input + input + MEMORY + NOTHING + ")"));
    }

    @Test
    void rejectsAFloodOfImports() {
        var input = "(import \"aerodb_v1\" \"input_read\" (func (param i32 i32) (result i32)))";
        assertEquals("the module has more than 100 imports", rejected("(module " + input.repeat(101) + MEMORY + NOTHING + ")"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            (memory (export "memory") 1)                                                       | the module exports neither a function 'handler' nor, as WASI commands do, '_start'
            (memory (export "memory") 1) (global (export "handler") i32 (i32.const 0))         | the module exports neither a function 'handler' nor, as WASI commands do, '_start'
            (memory (export "memory") 1) (func (export "_start") (result i32) i32.const 0)     | the export '_start' must be () -> (), it is () -> (i32)
            (memory (export "memory") 1) (func (export "handler"))                             | the export 'handler' must be () -> (i32), it is () -> ()
            (memory (export "memory") 1) (func (export "handler") (result i64) i64.const 0)    | the export 'handler' must be () -> (i32), it is () -> (i64)
            (memory (export "memory") 1) (func (export "handler") (param i32) (result i32) i32.const 0) | the export 'handler' must be () -> (i32), it is (i32) -> (i32)
            (memory (export "memory") 1) (func (export "handler") (result i32) i32.const 0) (func (export "_initialize") (param i32)) | the export '_initialize' must be () -> (), it is (i32) -> ()
            (func (export "handler") (result i32) i32.const 0)                                 | the module must have one memory, exported as 'memory'; it has 0
            (memory 1) (func (export "handler") (result i32) i32.const 0)                      | the module must have one memory, exported as 'memory'; it has 1
            (memory (export "mem") 1) (func (export "handler") (result i32) i32.const 0)       | the module must have one memory, exported as 'memory'; it has 1
            """)
    void rejectsMissingOrWrongExports(String fields, String message) {
        assertEquals(message, rejected("(module " + fields + ")"));
    }

    @Test
    void rejectsASecondMemory() {
        assertEquals("the module must have one memory, exported as 'memory'; it has 2", rejected(binary("0505020001 0001", "")));
    }

    @Test
    void rejectsASharedMemory() {
        assertEquals("the module's memory is shared: threads are not supported", rejected(binary("050401030101", "")));
    }

    @Test
    void rejectsA64BitMemory() {
        assertTrue(rejected(binary("0503010401", "")).startsWith("the module is malformed or invalid"));
    }

    @Test
    void rejectsAtomicInstructions() {
        assertEquals("the module uses the instruction ATOMIC_FENCE, which is not supported",
                rejected(binary("0503010001", "fe0300")));
    }

    @Test
    void rejectsTailCallsBecauseTheirLoopsCannotBeStopped() {
        assertEquals("the module uses the instruction RETURN_CALL, which is not supported",
                rejected(binary("0503010001", "1200")));
    }

    @Test
    void rejectsExceptionTags() {
        assertEquals("the module has exception tags, which are not supported",
                rejected(binary("0503010001 0d03010001", "")));
    }

    @Test
    void rejectsGarbageCollectedTypes() {
        var struct = HexFormat.of().parseHex("0061736d01000000" + "0107026000017f5f00");
        assertEquals("the module has garbage-collected types, which are not supported", rejected(struct));
    }

    @Test
    void rejectsHugeTables() {
        assertEquals("the module's tables have 100001 elements, allowed are 100000",
                rejected("(module (table 100000 funcref) (table 1 funcref)" + MEMORY + NOTHING + ")"));
    }

    @Test
    void rejectsFloodsOfLocalVariablesBeforeTheyAreBuilt() {
        // one function, four groups of a billion each
        var flood = HexFormat.of().parseHex("0061736d01000000" + "0a1c011a04" + "8094ebdc037f".repeat(4) + "0b");
        assertEquals("a function of the module has more than 1000 local variables", rejected(flood));
    }

    @Test
    void rejectsBigFunctionsAndBigModules() {
        assertEquals("a function of the module has 140004 bytes, allowed are 131072",
                rejected("(module " + MEMORY + "(func (export \"handler\") (result i32) i32.const 0 "
                        + "(drop (i32.const 0)) ".repeat(140_003 / 3 - 1) + "nop nop)" + ")"));
        assertEquals("the module has 10485761 bytes, allowed are 10485760", rejected(new byte[CodeSize.MAX_MODULE_BYTES + 1]));
    }

    /** A module whose types are () -> i32 and () -> (), with these sections after the functions and this before the handler's end. */
    private static byte[] binary(String sections, String instructions) {
        var body = "00" + instructions + "41000b";
        var bodyBytes = body.length() / 2;
        return HexFormat.of().parseHex(("0061736d01000000" + "0108026000017f600000" + "03020100" + sections
                + "07140206" + HexFormat.of().formatHex(bytes("memory")) + "0200" + "07" + HexFormat.of().formatHex(bytes("handler")) + "0000"
                + "0a%02x01%02x".formatted(bodyBytes + 2, bodyBytes) + body).replace(" ", ""));
    }

    private String rejected(String wat) {
        return rejected(Wat2Wasm.parse(wat));
    }

    private String rejected(byte[] wasm) {
        return assertThrows(ModuleRejectedException.class, () -> compile(wasm)).getMessage();
    }

    private CompiledModule compile(byte[] wasm) throws ModuleRejectedException, InterruptedException {
        return guests.sandbox.compile(ModuleHash.of(wasm), wasm);
    }
}
