package io.aerodb.functions.gateway.module;

import static io.aerodb.functions.gateway.module.WasmBytes.END;
import static io.aerodb.functions.gateway.module.WasmBytes.I32;
import static io.aerodb.functions.gateway.module.WasmBytes.body;
import static io.aerodb.functions.gateway.module.WasmBytes.bytes;
import static io.aerodb.functions.gateway.module.WasmBytes.concat;
import static io.aerodb.functions.gateway.module.WasmBytes.repeat;
import static io.aerodb.functions.gateway.module.WasmBytes.u32;
import static io.aerodb.functions.gateway.module.WasmBytes.validWith;
import static io.aerodb.functions.gateway.module.WasmBytes.validWithFunctions;
import static io.aerodb.functions.gateway.module.WasmBytes.validWithHandler;
import static io.aerodb.functions.gateway.module.WasmBytes.vector;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The largest that is accepted, and one more. */
@Timeout(60)
class BoundsTest {

    private static final int NOP = 0x01;
    private static final int BLOCK = 0x02;
    private static final int EMPTY = 0x40;

    @Test
    void refusesAFileOverTenMebibytesUnread() {
        Refused.as("wasm_too_large", new byte[Bounds.MODULE_BYTES + 1]);
        Refused.as("wasm_too_large", () -> new ModuleIntake().accept(new byte[Bounds.MODULE_BYTES + 1]));
    }

    @Test
    void boundsTheBodyOfAFunction() {
        ModuleCheck.check(handlerOf(Bounds.BODY_BYTES));
        var message = Refused.as("module_rejected", handlerOf(Bounds.BODY_BYTES + 1));
        assertEquals("function 0 has a body of 131073 bytes, at most 131072 are allowed", message);
    }

    @Test
    void boundsTheLocalsOfAFunction() {
        ModuleCheck.check(validWithFunctions(1, body(locals(600, 400), bytes(END))));
        assertTrue(Refused.as("module_rejected", validWithFunctions(1, body(locals(600, 401), bytes(END)))).contains("function 1"));
    }

    @Test
    void countsLocalsWithoutExpandingThem() {
        Refused.as("module_rejected", validWithFunctions(200, body(locals(50_000), bytes(END))));
        Refused.as("module_rejected", validWithFunctions(200, body(locals(0xffff_ffffL, 0xffff_ffffL), bytes(END))));
    }

    @Test
    void boundsTheNestingOfBlocks() {
        ModuleCheck.check(nested(Bounds.NESTING));
        assertTrue(Refused.as("module_rejected", nested(Bounds.NESTING + 1)).contains("deeper than 500"));
    }

    @Test
    void boundsTheNumberOfFunctions() {
        ModuleCheck.check(validWithFunctions(Bounds.FUNCTIONS - 1, body(bytes(0), bytes(END))));
        Refused.as("module_rejected", validWithFunctions(Bounds.FUNCTIONS, body(bytes(0), bytes(END))));
    }

    @Test
    void boundsTheNumberOfGlobals() {
        ModuleCheck.check(validWith(WasmBytes.GLOBAL, many(Bounds.GLOBALS, I32, 0, 0x41, 0, END)));
        Refused.as("module_rejected", validWith(WasmBytes.GLOBAL, many(Bounds.GLOBALS + 1, I32, 0, 0x41, 0, END)));
    }

    @Test
    void boundsTheNumberOfTypesAndTheirSize() {
        ModuleCheck.check(validWith(WasmBytes.TYPE, concat(u32(3), bytes(0x60, 0, 1, I32, 0x60, 0, 0), type(100, 16))));
        Refused.as("module_rejected", validWith(WasmBytes.TYPE, concat(u32(3), bytes(0x60, 0, 1, I32, 0x60, 0, 0), type(101, 0))));
        Refused.as("module_rejected", validWith(WasmBytes.TYPE, concat(u32(3), bytes(0x60, 0, 1, I32, 0x60, 0, 0), type(0, 17))));
        Refused.as("module_rejected", validWith(WasmBytes.TYPE, many(Bounds.TYPES + 1, 0x60, 0, 0)));
    }

    @Test
    void boundsTablesAndTheirElements() {
        ModuleCheck.check(validWith(WasmBytes.TABLE, many(Bounds.TABLES, 0x70, 0, 1)));
        Refused.as("module_rejected", validWith(WasmBytes.TABLE, many(Bounds.TABLES + 1, 0x70, 0, 1)));
        Refused.as("module_rejected", validWith(WasmBytes.TABLE, concat(bytes(1, 0x70, 0), u32(Bounds.TABLE_ELEMENTS + 1))));
        Refused.as("module_rejected", validWith(WasmBytes.ELEMENT, concat(bytes(1, 1, 0), many(Bounds.TABLE_ELEMENTS + 1, 0))));
    }

    @Test
    void boundsTheInitialMemory() {
        ModuleCheck.check(validWith(WasmBytes.MEMORY, concat(bytes(1, 0), u32(Bounds.MEMORY_PAGES))));
        var tooLarge = validWith(WasmBytes.MEMORY, concat(bytes(1, 0), u32(Bounds.MEMORY_PAGES + 1)));
        assertTrue(Refused.as("module_rejected", tooLarge).contains("16385 pages"));
    }

    @Test
    void boundsImportsExportsAndSegments() {
        Refused.as("module_rejected", validWith(WasmBytes.IMPORT, u32(Bounds.IMPORTS + 1)));
        Refused.as("module_rejected", validWith(WasmBytes.EXPORT, u32(Bounds.EXPORTS + 1)));
        Refused.as("module_rejected", validWith(WasmBytes.ELEMENT, u32(Bounds.ELEMENT_SEGMENTS + 1)));
        Refused.as("module_rejected", validWith(WasmBytes.DATA, u32(Bounds.DATA_SEGMENTS + 1)));
    }

    @Test
    void boundsTheInstructionsOfAnInitialValue() {
        var sum = concat(bytes(1, I32, 0, 0x41, 0), repeat(8, 0x41, 1, 0x6a), bytes(END));
        Refused.as("module_rejected", validWith(WasmBytes.GLOBAL, sum));
        ModuleCheck.check(validWith(WasmBytes.GLOBAL, concat(bytes(1, I32, 0, 0x41, 0), repeat(7, 0x41, 1, 0x6a), bytes(END))));
    }

    @Test
    void boundsTheValuesThatCallsMove() {
        var types = concat(u32(3), bytes(0x60, 0, 1, I32, 0x60, 0, 0), type(100, 0));
        var calls = concat(bytes(0x00), repeat(5_000, 0x11, 2, 0), bytes(END));
        var module = validWith(Map.of(
                WasmBytes.TYPE, types, WasmBytes.TABLE, bytes(1, 0x70, 0, 1), WasmBytes.CODE, vector(body(bytes(0), calls))));
        assertTrue(Refused.as("module_rejected", module).contains("too large to be validated"));
    }

    private static byte[] handlerOf(int size) {
        return validWithHandler(concat(repeat(size - 4, NOP), bytes(0x41, 0, END)));
    }

    private static byte[] nested(int depth) {
        return validWithHandler(concat(repeat(depth, BLOCK, EMPTY), repeat(depth, END), bytes(0x41, 0, END)));
    }

    private static byte[] locals(long... groups) {
        var all = u32(groups.length);
        for (var count : groups) {
            all = concat(all, u32(count), bytes(I32));
        }
        return all;
    }

    private static byte[] type(int parameters, int results) {
        return concat(bytes(0x60), many(parameters, I32), many(results, I32));
    }

    private static byte[] many(int count, int... item) {
        return concat(u32(count), repeat(count, item));
    }
}
