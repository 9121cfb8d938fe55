package io.aerodb.functions.worker.wasm;

import java.io.ByteArrayInputStream;
import java.util.Map;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmModule;

/** Reads modules, the same way for every engine, and refuses those that break a rule. */
final class ModuleParser {

    /** Custom sections are left unread: nothing here needs them, and reading their names takes time quadratic in their number. */
    private static final Parser PARSER = Parser.builder().withCustomParsers(Map.of()).build();

    private ModuleParser() {}

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
