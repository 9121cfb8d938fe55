package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Conformance.MEMORY;
import static io.aerodb.functions.worker.wasm.Guests.handler;
import static io.aerodb.functions.worker.wasm.Guests.module;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.wabt.Wat2Wasm;
import io.aerodb.functions.function.Limits;
import java.lang.management.ManagementFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import run.endive.compiler.InterpreterFallback;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmEngineException;

class EndiveModuleTest {

    @Test
    void theClassesOfAModuleGoWithIt() {
        try (var guests = new Guests(Guests.sandbox(Guests.BUDGET_BYTES))) {
            var classes = ManagementFactory.getClassLoadingMXBean();
            var before = classes.getUnloadedClassCount();
            for (var i = 0; i < 20; i++) {
                guests.run(handler("(drop (i32.const " + i + ")) i32.const 0"));
            }
            Awaitility.await().until(() -> {
                System.gc();
                return classes.getUnloadedClassCount() - before >= 20;
            });
        }
    }

    @Test
    void whatIsParsedCountsForMoreThanItsBytes() {
        try (var guests = new Guests(Guests.sandbox(Guests.BUDGET_BYTES))) {
            var interpreted = guests.compile(handler(ClockConformance.BALLAST + "i32.const 0"));
            // 36 000 instructions
            assertTrue(interpreted.cost() > 3 * Limits.MIB, interpreted.cost() + " bytes");
            var elements = guests.compile(module(MEMORY, Conformance.NOTHING, "(elem func " + "0 ".repeat(90_000) + ")"));
            assertTrue(elements.cost() > 8 * Limits.MIB, elements.cost() + " bytes");
        }
    }

    @Test
    void whatTheRulesCallTooBigForAJvmMethodIsInterpreted() {
        var module = Parser.parse(Wat2Wasm.parse(handler(ClockConformance.BALLAST + "i32.const 0")));
        var compiler = MachineFactoryCompiler.builder(module).withInterpreterFallback(InterpreterFallback.FAIL);
        assertThrows(WasmEngineException.class, compiler::compile);
    }
}
