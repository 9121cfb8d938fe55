package io.aerodb.functions.gateway.module;

import java.util.Arrays;

/**
 * Reads a whole module once, in time and memory proportional to its size, and refuses what is malformed, too large in some
 * dimension, or of an unsupported kind. It does not check types: that is left to the engine, which could not survive on its
 * own what is refused here (it allocates by claimed sizes, expands locals, and sorts and resolves some things in quadratic time).
 */
final class ModuleScan {

    private static final byte[] MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};
    private static final byte[] COMPONENT = {0, 'a', 's', 'm', 13, 0, 1, 0};

    private ModuleScan() {}

    static ModuleOutline scan(byte[] wasm) {
        var outline = new ModuleOutline();
        var reader = new WasmReader(wasm);
        skipHeader(wasm, reader);
        var customSections = 0;
        while (reader.hasMore()) {
            var start = reader.position();
            var id = reader.u8();
            var content = reader.slice(reader.u32());
            if (id == SectionKind.CUSTOM) {
                content.name();
                if (++customSections > Bounds.CUSTOM_SECTIONS) {
                    throw Refusal.rejected("the module has more than " + Bounds.CUSTOM_SECTIONS + " custom sections");
                }
                continue;
            }
            var kind = SectionKind.of(id);
            requireOrder(outline, kind);
            scanSection(kind, content, outline);
            content.requireEnd(kind + " section");
            outline.sections.add(new ModuleOutline.Section(kind, start, reader.position()));
        }
        if (outline.functions.size() != outline.bodies.size()) {
            throw Refusal.invalid("the module declares " + outline.functions.size() + " functions and has no code section for them");
        }
        return outline;
    }

    private static void skipHeader(byte[] wasm, WasmReader reader) {
        if (wasm.length >= COMPONENT.length && Arrays.equals(wasm, 0, COMPONENT.length, COMPONENT, 0, COMPONENT.length)) {
            throw Refusal.invalid("this is a WebAssembly component: build a core module instead");
        }
        reader.skip(MODULE.length);
        if (!Arrays.equals(wasm, 0, MODULE.length, MODULE, 0, MODULE.length)) {
            throw Refusal.invalid("the file does not begin as a WebAssembly module of version 1 does");
        }
    }

    private static void requireOrder(ModuleOutline outline, SectionKind kind) {
        if (!outline.sections.isEmpty() && outline.sections.getLast().kind().compareTo(kind) >= 0) {
            throw Refusal.invalid("the " + kind + " section stands twice or in the wrong place");
        }
    }

    private static void scanSection(SectionKind kind, WasmReader content, ModuleOutline outline) {
        switch (kind) {
            case TYPE -> DeclarationScan.types(content, outline);
            case IMPORT -> DeclarationScan.imports(content, outline);
            case FUNCTION -> DeclarationScan.functions(content, outline);
            case TABLE -> outline.tables = StorageScan.tables(content);
            case MEMORY -> outline.memories = StorageScan.memories(content);
            case GLOBAL -> outline.globals = StorageScan.globals(content);
            case EXPORT -> DeclarationScan.exports(content, outline);
            case START, DATA_COUNT -> content.u32();
            case ELEMENT -> StorageScan.elements(content);
            case CODE -> new CodeScan(outline).scan(content);
            case DATA -> StorageScan.data(content);
        }
    }
}
