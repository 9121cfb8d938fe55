package io.aerodb.functions.gateway.module;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class WatCompilerTest {

    private static final String MINIMAL = """
            (module
              (memory (export "memory") 1)
              (func (export "handler") (result i32) (i32.const 0)))
            """;

    private final WatCompiler compiler = new WatCompiler();

    @Test
    void compilesText() {
        ModuleCheck.check(compiler.compile(utf8(MINIMAL)));
    }

    @Test
    void namesLineAndColumnOfAnError() {
        var message = refused("(module\n  (func (result i32)\n    i32.cnst 0))");
        assertEquals("line 3, column 5: unexpected token i32.cnst, expected ).", message);
    }

    @Test
    void checksTypesWithLineAndColumn() {
        var message = refused("(module\n  (func (result i32)\n    i64.const 0))");
        assertTrue(message.startsWith("line 3, column 5: type mismatch"), message);
    }

    @Test
    void showsTheFirstErrorsOnly() {
        var message = refused("(module (func\n" + "call $missing\n".repeat(2_000) + "))");
        assertEquals(3, message.split("line ", -1).length - 1, message);
        assertTrue(message.length() < 700, message);
    }

    @Test
    void tellsNothingAboutTheHost() {
        var message = refused("(module (func $" + "a".repeat(100_000) + " call $b))");
        assertFalse(message.contains("tmp") || message.contains("dylibso") || message.contains("\u001b"), message);
    }

    @Test
    void survivesNestingThatOverflowsItsStack() {
        assertTrue(refused("(module (func " + "(block ".repeat(100_000) + ")".repeat(100_000) + "))").contains("nested too deeply"));
        assertTrue(refused("(module (func " + "(i32.eqz ".repeat(100_000) + ")".repeat(100_000) + "))").contains("nested too deeply"));
    }

    @Test
    void refusesTextOverItsBound() {
        var text = utf8("(module)" + " ".repeat(Bounds.WAT_BYTES));
        Refused.as("wasm_too_large", () -> compiler.compile(text));
    }

    @Test
    void givesUpOnTextThatTakesTooLong() {
        var slow = utf8("(module (func " + "nop ".repeat(200_000) + "))");
        var hurried = new WatCompiler(Duration.ofMillis(1));
        assertTrue(Refused.as("invalid_wasm", () -> hurried.compile(slow)).contains("takes longer than 1 ms"));
    }

    @Test
    void takesTurnsWhenManyCompileAtOnce() throws Exception {
        var expected = compiler.compile(utf8(MINIMAL));
        try (var callers = Executors.newFixedThreadPool(8)) {
            var attempts = new ArrayList<Callable<byte[]>>();
            for (var i = 0; i < 40; i++) {
                attempts.add(() -> compiler.compile(utf8(MINIMAL)));
            }
            for (var compiled : callers.invokeAll(attempts)) {
                assertArrayEquals(expected, compiled.get());
            }
        }
    }

    private String refused(String text) {
        return Refused.as("invalid_wasm", () -> compiler.compile(utf8(text)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
