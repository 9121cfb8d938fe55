package io.aerodb.functions.gateway.module;

import io.aerodb.functions.gateway.module.ModuleOutline.Kind;

/** What a module and its host expect of each other: what it imports is offered, what the host calls is exported. */
final class FunctionContract {

    private static final Signature HANDLER = Signature.ofI32(0, 1);

    private FunctionContract() {}

    static void check(ModuleOutline module) {
        for (var wanted : module.imports) {
            HostImports.check(wanted.module(), wanted.name(), module.type(wanted.type()));
        }
        var memory = module.exports.get("memory");
        if (memory == null || memory.kind() != Kind.MEMORY) {
            throw Refusal.invalid("the module must export a 32-bit memory named `memory`");
        }
        if (isFunction(module, "handler")) {
            requireType(module, "handler", HANDLER);
        } else if (isFunction(module, "_start")) {
            requireType(module, "_start", Signature.NONE);
        } else {
            throw Refusal.invalid("the module must export a function named `handler` of type " + HANDLER
                    + ", or be a WASI command, whose export is `_start` of type " + Signature.NONE);
        }
        if (isFunction(module, "_initialize")) {
            requireType(module, "_initialize", Signature.NONE);
        }
    }

    private static boolean isFunction(ModuleOutline module, String name) {
        var export = module.exports.get(name);
        return export != null && export.kind() == Kind.FUNCTION;
    }

    private static void requireType(ModuleOutline module, String name, Signature expected) {
        var actual = module.function(module.exports.get(name).index());
        if (!actual.equals(expected)) {
            throw Refusal.invalid("the exported function `" + name + "` must have the type " + expected + ", not " + actual);
        }
    }
}
