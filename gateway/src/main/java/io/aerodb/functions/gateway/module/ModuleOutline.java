package io.aerodb.functions.gateway.module;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a scan found, filled section by section: all that is needed to check the contract and to feed the engine in pieces. */
final class ModuleOutline {

    enum Kind {
        FUNCTION,
        TABLE,
        MEMORY,
        GLOBAL
    }

    /** @param type the index of its function type; nothing but functions can be imported */
    record Import(String module, String name, long type) {}

    record Export(Kind kind, long index) {}

    /** The bytes from {@code start} to {@code end}, with the section's id and size. */
    record Section(SectionKind kind, int start, int end) {}

    /** The bytes from {@code start} to {@code end}, with the body's size, and the cost of validating it. */
    record Body(int start, int end, int cost) {}

    final List<Section> sections = new ArrayList<>();
    final List<Signature> types = new ArrayList<>();
    final List<Import> imports = new ArrayList<>();
    /** The type index of each function that the module defines. */
    final List<Long> functions = new ArrayList<>();
    final Map<String, Export> exports = new LinkedHashMap<>();
    int tables;
    int memories;
    int globals;
    final List<Body> bodies = new ArrayList<>();

    Signature type(long index) {
        if (index >= types.size()) {
            throw Refusal.invalid("type " + index + " is used but not defined");
        }
        return types.get((int) index);
    }

    /** @param index counts the imported functions first */
    Signature function(long index) {
        if (index < imports.size()) {
            return type(imports.get((int) index).type());
        }
        var defined = index - imports.size();
        if (defined >= functions.size()) {
            throw Refusal.invalid("function " + index + " is used but not defined");
        }
        return type(functions.get((int) defined));
    }

    /** The engine asks for that only when the module is run. */
    void requireDefined(Export export) {
        var defined = switch (export.kind()) {
            case FUNCTION -> imports.size() + functions.size();
            case TABLE -> tables;
            case MEMORY -> memories;
            case GLOBAL -> globals;
        };
        if (export.index() >= defined) {
            throw Refusal.invalid(export.kind().name().toLowerCase(Locale.ROOT) + " " + export.index() + " is exported but not defined");
        }
    }
}
