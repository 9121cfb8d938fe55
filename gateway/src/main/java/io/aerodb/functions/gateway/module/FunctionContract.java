package io.aerodb.functions.gateway.module;

import io.aerodb.functions.gateway.module.ModuleOutline.Kind;

/** What a module and its host expect of each other: what it imports is offered, what the host calls is exported. */
final class FunctionContract {

    private static final Signature HANDLER = Signature.ofI32(0, 1);

    private FunctionContract() {}

    static void check(ModuleOutline module) {
        // first, because a command also imports WASI, and that it is a command says more about what to change
        if (module.exports.containsKey("_start")) {
            throw Refusal.invalid("the module exports `_start`, so it is a WASI command, which is not supported in this version: "
                    + "build a reactor that exports `handler` instead");
        }
        for (var wanted : module.imports) {
            HostImports.check(wanted.module(), wanted.name(), module.type(wanted.type()));
        }
        var memory = module.exports.get("memory");
        if (memory == null || memory.kind() != Kind.MEMORY) {
            throw Refusal.invalid("the module must export a 32-bit memory named `memory`");
        }
        requireFunction(module, "handler", HANDLER);
        if (module.exports.containsKey("_initialize")) {
            requireFunction(module, "_initialize", Signature.NONE);
        }
    }

    private static void requireFunction(ModuleOutline module, String name, Signature expected) {
        var export = module.exports.get(name);
        if (export == null || export.kind() != Kind.FUNCTION) {
            throw Refusal.invalid("the module must export a function named `" + name + "` of type " + expected);
        }
        var actual = module.function(export.index());
        if (!actual.equals(expected)) {
            throw Refusal.invalid("the exported function `" + name + "` must have the type " + expected + ", not " + actual);
        }
    }
}
