package io.aerodb.functions.gateway.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.wasi.WasiPreview1;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionContractTest {

    private static final String MEMORY = "(memory (export \"memory\") 1)";
    private static final String HANDLER = "(func (export \"handler\") (result i32) (i32.const 0))";

    @Test
    void acceptsAModuleThatImportsAllThatTheHostOffers() {
        var wat = """
                (module
                  (import "aerodb_v1" "input_read" (func (param i32 i32) (result i32)))
                  (import "aerodb_v1" "context_read" (func (param i32 i32) (result i32)))
                  (import "aerodb_v1" "output_write" (func (param i32 i32)))
                  (import "aerodb_v1" "env_get" (func (param i32 i32) (result i32)))
                  (import "aerodb_v1" "log" (func (param i32 i32 i32)))
                  (import "aerodb_v1" "result_read" (func (param i32 i32) (result i32)))
                  (memory (export "memory") 1 10)
                  (func (export "_initialize"))
                  (func (export "handler") (result i32) (i32.const 0)))
                """;
        var module = new ModuleIntake().accept(wat.getBytes(StandardCharsets.UTF_8));
        assertTrue(module.hash().matches(module.wasm()));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\"env\" \"abort\" (func)",
        "\"wasi_snapshot_preview1\" \"fd_open\" (func (param i32 i32 i32 i32) (result i32))",
        "\"wasi_unstable\" \"fd_write\" (func (param i32 i32 i32 i32) (result i32))",
        "\"env\" \"env_get\" (func (param i32 i32) (result i32))",
        "\"aerodb_v2\" \"log\" (func (param i32 i32 i32))",
        "\"\" \"\" (func)"
    })
    void refusesAnImportThatTheHostDoesNotOffer(String wanted) {
        var message = Refused.as("unknown_import", "(module (import " + wanted + ")" + MEMORY + HANDLER + ")");
        var names = wanted.split("\"", -1);
        assertTrue(message.contains('`' + names[1] + '.' + names[3] + '`'), message);
    }

    @Test
    void tellsTheTypeThatAnImportMustHave() {
        var message = Refused.as("unknown_import",
                "(module (import \"aerodb_v1\" \"log\" (func (param i32 i64) (result f64)))" + MEMORY + HANDLER + ")");
        assertEquals("the import `aerodb_v1.log` must have the type (i32, i32, i32) -> (), not (i32, i64) -> f64", message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"(memory 1)", "(table 1 funcref)", "(global i32)", "(global (mut i64))"})
    void refusesToImportAnythingButFunctions(String kind) {
        var message = Refused.as("module_rejected", "(module (import \"env\" \"x\" " + kind + ")" + HANDLER + ")");
        assertTrue(message.contains("`env.x`"), message);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void refusesToExportWhatIsNotDefined(int kind) {
        var exports = WasmBytes.vector(
                WasmBytes.concat(WasmBytes.name("memory"), WasmBytes.bytes(2, 0)),
                WasmBytes.concat(WasmBytes.name("handler"), WasmBytes.bytes(0, 0)),
                WasmBytes.concat(WasmBytes.name("more"), WasmBytes.bytes(kind, 9)));
        var message = Refused.as("invalid_wasm", WasmBytes.validWith(WasmBytes.EXPORT, exports));
        assertTrue(message.endsWith(" 9 is exported but not defined"), message);
    }

    @Test
    void showsAHostileImportNameCutAndWithoutControlCharacters() {
        var name = WasmBytes.name("\u001b[31m\u202e" + "x".repeat(5000));
        var imports = WasmBytes.vector(WasmBytes.concat(name, name, WasmBytes.bytes(0, 1)));
        var message = Refused.as("unknown_import", WasmBytes.validWith(WasmBytes.IMPORT, imports));
        assertTrue(message.length() < 400 && message.chars().noneMatch(c -> c == '\u001b' || c == '\u202e'), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "(memory 1)", "(memory (export \"mem\") 1)", "(func (export \"memory\"))"})
    void requiresAnExportedMemory(String instead) {
        assertTrue(Refused.as("invalid_wasm", "(module " + instead + HANDLER + ")").contains("memory named `memory`"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "(func (result i32) (i32.const 0))", "(global (export \"handler\") i32 (i32.const 0))"})
    void requiresAHandler(String instead) {
        var message = Refused.as("invalid_wasm", "(module " + MEMORY + instead + ")");
        assertEquals("the module must export a function named `handler` of type () -> i32, "
                + "or be a WASI command, whose export is `_start` of type () -> ()", message);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(func (export \"handler\"))",
        "(func (export \"handler\") (param i32) (result i32) (i32.const 0))",
        "(func (export \"handler\") (result i64) (i64.const 0))",
        "(func (export \"handler\") (result i32 i32) (i32.const 0) (i32.const 0))"
    })
    void tellsTheTypeThatTheHandlerMustHave(String handler) {
        var message = Refused.as("invalid_wasm", "(module " + MEMORY + handler + ")");
        assertTrue(message.startsWith("the exported function `handler` must have the type () -> i32, not "), message);
    }

    @Test
    void tellsTheTypeThatInitializeMustHave() {
        var message = Refused.as("invalid_wasm", "(module " + MEMORY + HANDLER + "(func (export \"_initialize\") (param i32)))");
        assertTrue(message.contains("`_initialize` must have the type () -> ()"), message);
    }

    @Test
    void acceptsAWasiCommand() {
        accept("""
                (module
                  (import "aerodb_v1" "log" (func (param i32 i32 i32)))
                  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
                  (import "wasi_snapshot_preview1" "fd_seek" (func (param i32 i64 i32 i32) (result i32)))
                  (memory (export "memory") 1)
                  (func (export "_start")))
                """);
    }

    @Test
    void acceptsAHandlerBesideAStartOfAnyType() {
        accept("(module " + MEMORY + HANDLER + "(func (export \"_start\") (param i64)))");
    }

    @Test
    void tellsTheTypeThatAStartMustHave() {
        var message = Refused.as("invalid_wasm", "(module " + MEMORY + "(func (export \"_start\") (result i32) (i32.const 0)))");
        assertEquals("the exported function `_start` must have the type () -> (), not () -> i32", message);
    }

    @Test
    void tellsTheTypeThatAWasiImportMustHave() {
        var message = Refused.as("unknown_import", "(module (import \"wasi_snapshot_preview1\" \"fd_seek\" "
                + "(func (param i32 i32 i32 i32) (result i32)))" + MEMORY + HANDLER + ")");
        assertEquals("the import `wasi_snapshot_preview1.fd_seek` must have the type (i32, i64, i32, i32) -> i32, "
                + "not (i32, i32, i32, i32) -> i32", message);
    }

    @Test
    void offersTheWasiImportsThatAnotherHostOffers() {
        try (var other = WasiPreview1.builder().build()) {
            var names = new TreeSet<String>();
            for (var function : other.toHostFunctions()) {
                if (!function.name().startsWith("adapter_")) {
                    HostImports.check(function.module(), function.name(),
                            new Signature(types(function.paramTypes()), types(function.returnTypes())));
                    names.add(function.name());
                }
            }
            assertEquals(names, new TreeSet<>(WasiImports.FUNCTIONS.keySet()));
        }
    }

    @Test
    void doesNotLookUpAnExportedFunctionThatIsNotThere() {
        var exports = WasmBytes.vector(
                WasmBytes.concat(WasmBytes.name("memory"), WasmBytes.bytes(2, 0)),
                WasmBytes.concat(WasmBytes.name("handler"), WasmBytes.bytes(0), WasmBytes.u32(0xffff_ffffL)));
        assertTrue(Refused.as("invalid_wasm", WasmBytes.validWith(WasmBytes.EXPORT, exports)).contains("function 4294967295"));
    }

    private static void accept(String wat) {
        new ModuleIntake().accept(wat.getBytes(StandardCharsets.UTF_8));
    }

    private static List<ValueType> types(List<?> names) {
        return names.stream().map(name -> ValueType.valueOf(name.toString())).toList();
    }
}
