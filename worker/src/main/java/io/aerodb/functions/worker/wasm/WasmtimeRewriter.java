package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.worker.wasm.WasmtimeLayout.Added;
import io.aerodb.functions.worker.wasm.WasmtimeLayout.AddedType;
import java.util.stream.IntStream;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.FunctionImport;

/**
 * Writes a module anew, so that the limits that wasmtime does not hold are held by the module itself. It has one import,
 * {@linkplain WasmtimeCalls through which} it makes all calls of its host, and exports its memory and {@value #RUN}, which starts,
 * initialises and calls the function.
 */
final class WasmtimeRewriter {

    static final String RUN = "run";
    static final String MEMORY = "memory";

    private static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};
    private static final int TYPES = 1;
    private static final int IMPORTS = 2;
    private static final int FUNCTIONS = 3;
    private static final int TABLES = 4;
    private static final int MEMORIES = 5;
    private static final int GLOBALS = 6;
    private static final int EXPORTS = 7;
    private static final int ELEMENTS = 9;
    private static final int CODE = 10;
    private static final int DATA = 11;
    private static final int DATA_COUNT = 12;

    private static final int FUNCTION_KIND = 0;
    private static final int MEMORY_KIND = 2;
    private static final int MUTABLE = 1;

    private final WasmModule module;
    private final WasmtimeCalls calls;
    private final WasmtimeLayout layout;
    private final WasmtimeSections sections;
    private final WasmBuffer rewritten = new WasmBuffer();

    private WasmtimeRewriter(byte[] wasm, WasmModule module, WasmtimeCalls calls) {
        this.module = module;
        this.calls = calls;
        this.layout = WasmtimeLayout.of(module);
        this.sections = new WasmtimeSections(wasm, new WasmtimeCode(layout), layout);
    }

    /**
     * @param module the same as the bytes, which {@link ModuleRules} accepted
     * @throws IllegalArgumentException if it has what cannot be rewritten
     */
    static byte[] rewrite(byte[] wasm, WasmModule module, WasmtimeCalls calls) {
        return new WasmtimeRewriter(wasm, module, calls).rewrite();
    }

    private byte[] rewrite() {
        rewritten.put(HEADER, 0, HEADER.length);
        section(TYPES, types());
        section(IMPORTS, new WasmBuffer().unsigned(1).name("host").name("call")
                .put(FUNCTION_KIND).unsigned(layout.type(AddedType.HOST)));
        section(FUNCTIONS, functions());
        sections.tables(TABLES).ifPresent(tables -> section(TABLES, tables));
        sections.memories(MEMORIES).ifPresent(memories -> section(MEMORIES, memories));
        section(GLOBALS, globals());
        section(EXPORTS, new WasmBuffer().unsigned(2)
                .name(MEMORY).put(MEMORY_KIND).unsigned(0)
                .name(RUN).put(FUNCTION_KIND).unsigned(layout.function(Added.RUN)));
        sections.elements(ELEMENTS).ifPresent(elements -> section(ELEMENTS, elements));
        sections.unchanged(DATA_COUNT).ifPresent(count -> section(DATA_COUNT, count));
        section(CODE, code());
        sections.unchanged(DATA).ifPresent(data -> section(DATA, data));
        return rewritten.toBytes();
    }

    private void section(int id, WasmBuffer content) {
        rewritten.put(id).sized(content);
    }

    private WasmBuffer types() {
        var types = sections.extended(TYPES, AddedType.values().length);
        for (var type : AddedType.values()) {
            types.put(Wasm.FUNCTION_TYPE);
            switch (type) {
                case HOST -> types.unsigned(calls.parameters())
                        .put(IntStream.range(0, calls.parameters()).map(_ -> Wasm.I64).toArray()).unsigned(1).put(Wasm.I32);
                case NOTHING -> types.unsigned(0).unsigned(0);
                case NUMBER -> types.unsigned(0).unsigned(1).put(Wasm.I32);
                case NUMBER_TO_NUMBER -> types.unsigned(1).put(Wasm.I32).unsigned(1).put(Wasm.I32);
            }
        }
        return types;
    }

    private WasmBuffer functions() {
        var functions = sections.extended(FUNCTIONS, layout.imports() + Added.values().length);
        module.importSection().stream().forEach(wanted -> functions.unsigned(((FunctionImport) wanted).typeIndex()));
        for (var added : Added.values()) {
            functions.unsigned(layout.type(added.type()));
        }
        return functions;
    }

    private WasmBuffer globals() {
        return sections.globals(GLOBALS, 1)
                .put(Wasm.I32, MUTABLE, Wasm.I32_CONST).signed(WasmtimeCode.ROUNDS).put(Wasm.END);
    }

    private WasmBuffer code() {
        var bodies = sections.code(CODE, layout.imports() + Added.values().length);
        for (var i = 0; i < layout.imports(); i++) {
            var body = noLocals();
            calls.emit(calls.number(i), body);
            if (!calls.hasResult(calls.number(i))) {
                body.put(Wasm.DROP);
            }
            bodies.sized(body.put(Wasm.END));
        }
        for (var added : Added.values()) {
            bodies.sized(body(added).put(Wasm.END));
        }
        return bodies;
    }

    private WasmBuffer body(Added function) {
        var body = noLocals();
        switch (function) {
            case RUN -> run(body);
            case CHECK_CLOCK -> {
                // wasmtime looks at the clock wherever a function begins
            }
            case PAUSE -> {
                calls.emit(WasmtimeIntrinsics.PAUSE, body);
                body.put(Wasm.DROP, Wasm.I32_CONST).signed(WasmtimeCode.ROUNDS).put(Wasm.GLOBAL_SET).unsigned(layout.roundsGlobal());
            }
            case TAKE_PAGES -> calls.emit(WasmtimeIntrinsics.TAKE_PAGES, body);
            case CHECK_PAGES -> tellRefusal(WasmtimeIntrinsics.PAGES_REFUSED, body);
            case TAKE_ELEMENTS -> calls.emit(WasmtimeIntrinsics.TAKE_ELEMENTS, body);
            case CHECK_ELEMENTS -> tellRefusal(WasmtimeIntrinsics.ELEMENTS_REFUSED, body);
        }
        return body;
    }

    private void run(WasmBuffer body) {
        module.startSection().ifPresent(start -> body.put(Wasm.CALL).unsigned(layout.function(start.startIndex())));
        ModuleRules.exportedFunction(module, ModuleRules.INITIALIZE)
                .ifPresent(initialize -> body.put(Wasm.CALL).unsigned(layout.function(initialize)));
        var entry = ModuleRules.entry(module);
        body.put(Wasm.CALL).unsigned(layout.function(ModuleRules.exportedFunction(module, entry).orElseThrow()));
        if (!entry.equals(ModuleRules.HANDLER)) {
            // a command that returns has succeeded
            body.put(Wasm.I32_CONST).signed(0);
        }
    }

    /** Passes on what a growth gave, and tells the host if that is -1. */
    private void tellRefusal(int call, WasmBuffer body) {
        body.put(Wasm.LOCAL_GET).unsigned(0).put(Wasm.I32_CONST).signed(-1).put(Wasm.I32_EQ, Wasm.IF, Wasm.NO_RESULT);
        calls.emit(call, body);
        body.put(Wasm.DROP, Wasm.END, Wasm.LOCAL_GET).unsigned(0);
    }

    private static WasmBuffer noLocals() {
        return new WasmBuffer().unsigned(0);
    }
}
