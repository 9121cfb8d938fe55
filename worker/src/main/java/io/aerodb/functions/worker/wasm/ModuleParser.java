package io.aerodb.functions.worker.wasm;

import java.io.ByteArrayInputStream;
import java.util.Map;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmModule;

/** Reads modules, the same way for every engine, and refuses those that break a rule. */
final class ModuleParser {

    /** Custom sections are left unread: nothing here needs them, and reading their names takes time quadratic in their number. */
    private static final Parser PARSER = Parser.builder().withCustomParsers(Map.of()).build();

    /** One function that does nothing. */
    private static final byte[] SMALLEST = {
        0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 4, 1, 2, 0, 0x0b,
    };

    private ModuleParser() {}

    /** Has the parser's classes loaded before a call waits for them. */
    static void warmUp() {
        PARSER.parse(() -> new ByteArrayInputStream(SMALLEST));
    }

    static WasmModule parse(byte[] wasm) throws ModuleRejectedException {
        try {
            var module = PARSER.parse(() -> new ByteArrayInputStream(wasm));
            ModuleRules.check(module);
            return module;
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            // the parser's own exceptions, and whatever else it stumbles over in bytes like these
            throw ModuleRejectedException.invalid(e);
        }
    }
}
