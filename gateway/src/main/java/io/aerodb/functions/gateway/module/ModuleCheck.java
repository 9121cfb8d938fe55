package io.aerodb.functions.gateway.module;

import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.function.ModuleHash;

/**
 * Checks a binary module from the cheapest question to the dearest: its size, its outline against the bounds, its imports and
 * exports against the host's contract, and at last every instruction's types by the engine's own validator, which sees only
 * what was found to be small enough for it.
 */
final class ModuleCheck {

    private ModuleCheck() {}

    /** @throws InvalidFunctionException whatever is wrong, and nothing else whatever the bytes */
    static CheckedModule check(byte[] wasm) {
        requireSize(wasm);
        var outline = ModuleScan.scan(wasm);
        FunctionContract.check(outline);
        EngineValidation.validate(wasm, outline);
        return new CheckedModule(wasm, ModuleHash.of(wasm));
    }

    static void requireSize(byte[] module) {
        if (module.length > Bounds.MODULE_BYTES) {
            throw Refusal.tooLarge("the module has " + module.length + " bytes, at most " + Bounds.MODULE_BYTES + " are allowed");
        }
    }
}
