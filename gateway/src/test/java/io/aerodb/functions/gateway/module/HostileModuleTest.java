package io.aerodb.functions.gateway.module;

import static io.aerodb.functions.gateway.module.WasmBytes.END;
import static io.aerodb.functions.gateway.module.WasmBytes.bytes;
import static io.aerodb.functions.gateway.module.WasmBytes.concat;
import static io.aerodb.functions.gateway.module.WasmBytes.name;
import static io.aerodb.functions.gateway.module.WasmBytes.repeat;
import static io.aerodb.functions.gateway.module.WasmBytes.section;
import static io.aerodb.functions.gateway.module.WasmBytes.u32;
import static io.aerodb.functions.gateway.module.WasmBytes.validAfter;
import static io.aerodb.functions.gateway.module.WasmBytes.validWith;
import static io.aerodb.functions.gateway.module.WasmBytes.validWithFunctions;
import static io.aerodb.functions.gateway.module.WasmBytes.validWithHandler;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.InvalidFunctionException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes made to hurt: each is refused or accepted in the end, and nothing but a refusal is ever thrown. */
@Timeout(120)
class HostileModuleTest {

    /** A bit of everything, so that cuts and flips reach every part of the scan. */
    private static final byte[] RICH = new WatCompiler().compile("""
            (module
              (type $two (func (param i32) (result i32 i64)))
              (import "aerodb_v1" "input_read" (func $read (param i32 i32) (result i32)))
              (import "aerodb_v1" "log" (func $log (param i32 i32 i32)))
              (table $t 4 8 funcref)
              (memory (export "memory") 1 4)
              (global $g (mut i64) (i64.const -5))
              (global $f f64 (f64.const 1.5))
              (export "handler" (func $handler))
              (elem (i32.const 0) $handler $helper)
              (elem $passive funcref (ref.func $helper) (ref.null func))
              (data (i32.const 16) "text")
              (data $later "more")
              (func $helper (param i32) (result i32 i64) (local f32 f32 i64)
                (block $out (result i32)
                  (loop $again
                    (br_if $again (i32.eqz (local.get 0)))
                    (br_table $again $again $again (local.get 0)))
                  (if (result i32) (local.get 0) (then (i32.load offset=8 (i32.const 4))) (else (i32.const 3))))
                (global.get $g))
              (func $handler (result i32)
                (memory.init $later (i32.const 0) (i32.const 0) (i32.const 2))
                (call_indirect (type $two) (i32.const 2) (i32.const 1))
                (drop)
                (drop)
                (call $log (i32.const 1) (i32.const 16) (call $read (i32.const 0) (i32.const 9)))
                (i32.const 0)))
            """.getBytes(StandardCharsets.UTF_8));

    @Test
    void refusesAModuleThatIsCutOffAnywhere() {
        ModuleCheck.check(RICH);
        for (var length = 0; length < RICH.length; length++) {
            var cut = Arrays.copyOf(RICH, length);
            assertThrows(InvalidFunctionException.class, () -> ModuleCheck.check(cut), "cut to " + length);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void throwsNothingButRefusalsWhateverBytesAreChanged(long seed) {
        var random = new Random(seed);
        for (var i = 0; i < 2_500; i++) {
            var changed = RICH.clone();
            for (var j = 0; j <= random.nextInt(4); j++) {
                changed[8 + random.nextInt(changed.length - 8)] = (byte) random.nextInt(256);
            }
            try {
                ModuleCheck.check(changed);
            } catch (InvalidFunctionException refused) {
                assertTrue(refused.getMessage().length() < 700, refused.getMessage());
            }
        }
    }

    @Test
    void refusesSizesThatPointBackwards() {
        Refused.as("invalid_wasm", validAfter(concat(bytes(0), u32(0xffff_fffaL))));
        Refused.as("invalid_wasm", validAfter(concat(bytes(0), u32(0x7fff_ffff))));
    }

    @Test
    void allocatesNothingForCountsThatAreOnlyClaimed() {
        Refused.as("module_rejected", validWith(WasmBytes.TYPE, concat(bytes(1, 0x60), u32(0x7fff_ffff))));
        Refused.as("module_rejected", validWith(WasmBytes.ELEMENT, concat(bytes(1, 1, 0), u32(0x7fff_ffff))));
        Refused.as("invalid_wasm", validWith(WasmBytes.DATA, concat(bytes(1, 1), u32(0x7fff_ffff))));
        Refused.as("invalid_wasm", validWith(WasmBytes.EXPORT, concat(bytes(1), u32(0x7fff_ffff))));
        Refused.as("invalid_wasm", validWithHandler(concat(bytes(0x41, 0, 0x0e), u32(0xffff_ffffL), bytes(0))));
    }

    @Test
    void refusesSectionsThatRepeatOrStandInTheWrongPlaceOrAreUnknown() {
        Refused.as("invalid_wasm", validAfter(section(WasmBytes.TYPE, bytes(0))));
        Refused.as("invalid_wasm", validAfter(section(WasmBytes.CODE, bytes(0))));
        Refused.as("invalid_wasm", validAfter(section(14, bytes(0))));
        Refused.as("invalid_wasm", validWith(WasmBytes.TABLE, bytes(0, 0)));
    }

    @Test
    void refusesAComponentWithAHint() {
        assertTrue(Refused.as("invalid_wasm", bytes(0, 'a', 's', 'm', 13, 0, 1, 0)).contains("component"));
    }

    @Test
    void refusesCodeThatDoesNotTypeCheck() {
        assertTrue(Refused.as("invalid_wasm", validWithHandler(bytes(0x42, 0, END))).contains("type mismatch"));
        Refused.as("invalid_wasm", validWithHandler(bytes(0x10, 9, END)));
        Refused.as("invalid_wasm", validWithHandler(bytes(0x41, 0, 0x0c, 5, END)));
        Refused.as("invalid_wasm", validWithHandler(bytes(0x41, 0, END, END)));
        Refused.as("invalid_wasm", validWithHandler(bytes(0x41, 0, 0xff, END)));
    }

    @Test
    void refusesTheOneInvalidFunctionAmongMany() {
        var nops = WasmBytes.body(bytes(0), concat(repeat(100_000, 0x01), bytes(END)));
        var module = validWithFunctions(12, nops);
        ModuleCheck.check(module);
        var last = module.length - 2;
        module[last] = 0x1a; // drop, of nothing
        assertTrue(Refused.as("invalid_wasm", module).contains("type mismatch"));
    }

    @Test
    void survivesTenMegabytesOfNothing() {
        var nothing = 10 * 1000 * 1000;
        ModuleCheck.check(validAfter(section(0, concat(name("nothing"), new byte[nothing]))));
        ModuleCheck.check(validWith(WasmBytes.DATA, concat(bytes(1, 1), u32(nothing), new byte[nothing])));
    }

    @Test
    void ignoresDebugNamesThatWouldBeSlowToSort() {
        var names = 1_000_000;
        var map = new byte[names * 4];
        for (var i = 0; i < names; i++) {
            // descending indices of three bytes, each with an empty name
            var index = names - i;
            map[i * 4] = (byte) (index & 0x7f | 0x80);
            map[i * 4 + 1] = (byte) (index >> 7 & 0x7f | 0x80);
            map[i * 4 + 2] = (byte) (index >> 14 & 0x7f);
        }
        var functionNames = concat(u32(names), map);
        ModuleCheck.check(validAfter(section(0, concat(name("name"), bytes(1), u32(functionNames.length), functionNames))));
    }

    @Test
    void refusesThousandsOfCustomSections() {
        Refused.as("module_rejected", validAfter(repeat(Bounds.CUSTOM_SECTIONS + 1, 0, 1, 0)));
    }

    @Test
    void refusesLoopsThatTakeQuadraticTimeToResolve() {
        var loops = WasmBytes.body(bytes(0), concat(repeat(40_000, 0x03, 0x40, END), bytes(END)));
        assertTrue(Refused.as("module_rejected", validWithFunctions(80, loops)).contains("entangled"));
    }

    @Test
    void refusesAFunctionOfNothingButTypeErrors() {
        Refused.as("invalid_wasm", validWithHandler(concat(repeat(131_000, 0x1b), bytes(END))));
    }

    @Test
    void survivesManyLargeFunctions() {
        var nops = WasmBytes.body(bytes(0), concat(repeat(131_000, 0x01), bytes(END)));
        ModuleCheck.check(validWithFunctions(79, nops));
    }
}
