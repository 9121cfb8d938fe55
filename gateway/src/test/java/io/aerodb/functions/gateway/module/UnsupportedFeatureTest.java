package io.aerodb.functions.gateway.module;

import static io.aerodb.functions.gateway.module.WasmBytes.END;
import static io.aerodb.functions.gateway.module.WasmBytes.I32;
import static io.aerodb.functions.gateway.module.WasmBytes.bytes;
import static io.aerodb.functions.gateway.module.WasmBytes.concat;
import static io.aerodb.functions.gateway.module.WasmBytes.repeat;
import static io.aerodb.functions.gateway.module.WasmBytes.validWith;
import static io.aerodb.functions.gateway.module.WasmBytes.validWithHandler;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnsupportedFeatureTest {

    @ParameterizedTest
    @CsvSource({
        "fd0c00000000000000000000000000000000, SIMD",
        "1200, tail calls",
        "130000, tail calls",
        "0640, exception",
        "0800, exception",
        "0a, exception",
        "1f4000, exception",
        "1400, typed references",
        "d3, typed references",
        "fb0000, typed references",
        "fe0300, atomic",
        "4100284200004100, more than one memory"
    })
    void refusesInstructionsThatFunctionsMayNotUse(String hex, String feature) {
        var code = HexFormat.of().parseHex(hex);
        var message = Refused.as("module_rejected", validWithHandler(concat(code, bytes(END))));
        assertTrue(message.contains(feature), message);
    }

    @Test
    void refusesSeveralMemories() {
        assertTrue(Refused.as("module_rejected", validWith(WasmBytes.MEMORY, bytes(2, 0, 1, 0, 1))).contains("more than one memory"));
    }

    @Test
    void refusesSharedMemory() {
        assertTrue(Refused.as("module_rejected", validWith(WasmBytes.MEMORY, bytes(1, 3, 1, 1))).contains("shared"));
    }

    @Test
    void refusesSixtyFourBitMemoriesAndTables() {
        assertTrue(Refused.as("module_rejected", validWith(WasmBytes.MEMORY, bytes(1, 4, 1))).contains("64-bit"));
        assertTrue(Refused.as("module_rejected", validWith(WasmBytes.TABLE, bytes(1, 0x70, 4, 1))).contains("64-bit"));
    }

    @ParameterizedTest
    @CsvSource({"5f00", "5e7f00", "500060000000", "4f0060000000", "4e0160000000", "60016400"})
    void refusesGarbageCollectedTypes(String type) {
        var types = concat(bytes(3, 0x60, 0, 1, I32, 0x60, 0, 0), HexFormat.of().parseHex(type), bytes(0));
        assertTrue(Refused.as("module_rejected", validWith(WasmBytes.TYPE, types)).contains("typed references"));
    }

    @Test
    void refusesVectorTypes() {
        var types = bytes(3, 0x60, 0, 1, I32, 0x60, 0, 0, 0x60, 1, 0x7b, 0);
        assertTrue(Refused.as("module_rejected", validWith(WasmBytes.TYPE, types)).contains("SIMD"));
    }

    @Test
    void refusesExceptionTags() {
        assertTrue(Refused.as("module_rejected", validWith(WasmBytes.TAG, bytes(1, 0, 1))).contains("exception"));
    }

    @Test
    void refusesBlockTypesThatTheEngineWouldMistakeForValueTypes() {
        var types = concat(bytes(0x80, 1, 0x60, 0, 1, I32), repeat(127, 0x60, 0, 0));
        var block = bytes(0x02, 0xff, 0, END, 0x41, 0, END);
        var module = validWith(Map.of(WasmBytes.TYPE, types, WasmBytes.CODE, WasmBytes.vector(WasmBytes.body(bytes(0), block))));
        assertTrue(Refused.as("module_rejected", module).contains("block of type 127"));
    }

    @Test
    void acceptsWhatCompilersUseByDefault() {
        // sign extension, saturating truncation, bulk memory, multiple values, reference types
        var wat = """
                (module
                  (type $two (func (result i32 i32)))
                  (table $t 2 funcref)
                  (elem (i32.const 0) $swap)
                  (elem declare func $swap)
                  (memory (export "memory") 1)
                  (data $d "abc")
                  (global $g (mut i32) (i32.const 7))
                  (func $swap (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
                  (func (export "handler") (result i32)
                    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3))
                    (memory.fill (i32.const 8) (i32.const 1) (i32.const 4))
                    (memory.copy (i32.const 16) (i32.const 0) (i32.const 8))
                    (table.set $t (i32.const 1) (ref.func $swap))
                    (global.set $g (i32.extend8_s (i32.trunc_sat_f64_s (f64.const 1e10))))
                    (block (type $two) (i32.const 1) (i32.const 2))
                    (call $swap)
                    (drop)
                    (select (result i32) (global.get $g) (ref.is_null (table.get $t (i32.const 0))))))
                """;
        ModuleCheck.check(new WatCompiler().compile(wat.getBytes(StandardCharsets.UTF_8)));
    }
}
