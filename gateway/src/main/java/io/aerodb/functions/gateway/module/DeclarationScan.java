package io.aerodb.functions.gateway.module;

import java.util.ArrayList;
import java.util.List;

/** The sections that say what functions there are and what goes in and out: types, imports, functions, exports. */
final class DeclarationScan {

    private static final int FUNCTION_TYPE = 0x60;
    private static final int TAG = 4;

    private DeclarationScan() {}

    static void types(WasmReader section, ModuleOutline outline) {
        var count = section.count(Bounds.TYPES, "types");
        for (var i = 0; i < count; i++) {
            var form = section.u32();
            if (form != FUNCTION_TYPE) {
                throw form >= 0x40 && form < FUNCTION_TYPE
                        ? UnsupportedFeature.GARBAGE_COLLECTION.refusal()
                        : Refusal.invalid("type " + i + " is not a function type" + section.here());
            }
            outline.types.add(new Signature(
                    valueTypes(section, Bounds.PARAMETERS, "parameters in one type"),
                    valueTypes(section, Bounds.RESULTS, "results in one type")));
        }
    }

    static void imports(WasmReader section, ModuleOutline outline) {
        var count = section.count(Bounds.IMPORTS, "imports");
        for (var i = 0; i < count; i++) {
            var module = section.name();
            var name = section.name();
            var kind = kind(section);
            if (kind != ModuleOutline.Kind.FUNCTION) {
                throw Refusal.rejected("the module imports a " + kind + ", " + Refusal.quoted(module + '.' + name)
                        + ": only functions can be imported, so it must define its own");
            }
            outline.imports.add(new ModuleOutline.Import(module, name, section.u32()));
        }
    }

    static void functions(WasmReader section, ModuleOutline outline) {
        var count = section.count(Bounds.FUNCTIONS, "functions");
        for (var i = 0; i < count; i++) {
            var type = section.u32();
            outline.type(type);
            outline.functions.add(type);
        }
    }

    static void exports(WasmReader section, ModuleOutline outline) {
        var count = section.count(Bounds.EXPORTS, "exports");
        for (var i = 0; i < count; i++) {
            var name = section.name();
            var export = new ModuleOutline.Export(kind(section), section.u32());
            if (outline.exports.putIfAbsent(name, export) != null) {
                throw Refusal.invalid("the name " + Refusal.quoted(name) + " is exported twice");
            }
            outline.requireDefined(export);
        }
    }

    private static ModuleOutline.Kind kind(WasmReader section) {
        var code = section.u8();
        if (code == TAG) {
            throw UnsupportedFeature.EXCEPTIONS.refusal();
        }
        var kinds = ModuleOutline.Kind.values();
        if (code >= kinds.length) {
            throw Refusal.invalid(code + " is not a kind of import or export" + section.here());
        }
        return kinds[code];
    }

    private static List<ValueType> valueTypes(WasmReader section, int max, String what) {
        var count = section.count(max, what);
        var types = new ArrayList<ValueType>();
        for (var i = 0; i < count; i++) {
            types.add(ValueType.of(section.u32()));
        }
        return types;
    }
}
