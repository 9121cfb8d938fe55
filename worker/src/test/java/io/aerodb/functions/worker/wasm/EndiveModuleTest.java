package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.Guests.handler;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.dylibso.chicory.wabt.Wat2Wasm;
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
    void whatTheRulesCallTooBigForAJvmMethodIsInterpreted() {
        var module = Parser.parse(Wat2Wasm.parse(handler(ClockConformance.BALLAST + "i32.const 0")));
        var compiler = MachineFactoryCompiler.builder(module).withInterpreterFallback(InterpreterFallback.FAIL);
        assertThrows(WasmEngineException.class, compiler::compile);
    }
}
