package io.aerodb.functions.gateway.module;

import io.aerodb.functions.function.InvalidFunctionException;
import java.util.List;

/** The code section: sizes, locals and nesting of every function, and what it will cost the engine to validate it. */
final class CodeScan {

    private static final int EMPTY_BLOCK = 0x40;

    private final ModuleOutline outline;

    // one entry for each block that is open, the function's own first
    private final boolean[] loop = new boolean[Bounds.NESTING + 1];
    private final int[] arity = new int[Bounds.NESTING + 1];
    private final int[] blocksInside = new int[Bounds.NESTING + 1];
    private int open;

    private long function;
    private int cost;
    private long branchSteps;

    CodeScan(ModuleOutline outline) {
        this.outline = outline;
    }

    void scan(WasmReader section) {
        var count = section.count(Bounds.FUNCTIONS, "function bodies");
        if (count != outline.functions.size()) {
            throw Refusal.invalid("the module declares " + outline.functions.size() + " functions and has " + count + " bodies");
        }
        for (var i = 0; i < count; i++) {
            function = (long) outline.imports.size() + i;
            var start = section.position();
            var size = section.u32();
            if (size > Bounds.BODY_BYTES) {
                throw rejected("has a body of " + size + " bytes, at most " + Bounds.BODY_BYTES + " are allowed");
            }
            var body = section.slice(size);
            locals(body);
            instructions(body);
            body.requireEnd("body of function " + function);
            outline.bodies.add(new ModuleOutline.Body(start, section.position(), cost));
        }
    }

    private void locals(WasmReader body) {
        var groups = body.u32();
        var total = 0L;
        for (var i = 0L; i < groups; i++) {
            total += body.u32();
            if (total > Bounds.LOCALS) {
                throw rejected("has more than " + Bounds.LOCALS + " locals, which builds without optimization can have");
            }
            ValueType.of(body.u32());
        }
    }

    private void instructions(WasmReader body) {
        var signature = outline.function(function);
        cost = 0;
        open = 0;
        enter(false, signature.results().size());
        while (open > 0) {
            spend(1);
            var opcode = Instructions.next(body);
            switch (opcode) {
                case BLOCK, IF -> block(false, blockType(body));
                case LOOP -> block(true, blockType(body));
                case END -> leave();
                case BR, BR_IF -> branch(body.u32());
                case BR_TABLE -> branchTable(body);
                case RETURN -> spend(signature.results().size());
                case CALL -> spend(outline.function(body.u32()).arity());
                case CALL_INDIRECT -> {
                    spend(outline.type(body.u32()).arity());
                    body.u32();
                }
                default -> Instructions.skipImmediates(opcode, body);
            }
        }
    }

    private void block(boolean isLoop, Signature type) {
        spend(2 * type.arity());
        blocksInside[open - 1]++;
        enter(isLoop, isLoop ? type.parameters().size() : type.results().size());
    }

    private void enter(boolean isLoop, int branchArity) {
        if (open > Bounds.NESTING) {
            throw rejected("nests blocks deeper than " + Bounds.NESTING);
        }
        loop[open] = isLoop;
        arity[open] = branchArity;
        blocksInside[open] = 0;
        open++;
    }

    private void leave() {
        open--;
        if (loop[open]) {
            // to resolve a loop the engine looks at all the blocks beside it
            step(blocksInside[open - 1]);
        }
    }

    private void branch(long label) {
        if (label >= open) {
            throw Refusal.invalid("function " + function + " branches to a block that does not enclose it");
        }
        step(label);
        spend(arity[open - 1 - (int) label]);
    }

    private void branchTable(WasmReader body) {
        var labels = body.u32();
        for (var i = 0L; i <= labels; i++) {
            spend(1);
            branch(body.u32());
        }
    }

    /** Types 64 to 127 are refused because the engine takes their numbers for value types. */
    private Signature blockType(WasmReader body) {
        var start = body.position();
        var code = body.u32();
        var oneByte = body.position() - start == 1;
        if (code < 0x40 || code > 0x7f) {
            return outline.type(code);
        }
        if (!oneByte) {
            throw rejected("has a block of type " + code + ", but types 64 to 127 can only be used for functions");
        }
        return code == EMPTY_BLOCK ? Signature.NONE : new Signature(List.of(), List.of(ValueType.of(code)));
    }

    private void spend(int amount) {
        cost += amount;
        if (cost > Bounds.FUNCTION_COST) {
            throw rejected("is too large to be validated in bounded memory");
        }
    }

    private void step(long amount) {
        branchSteps += amount;
        if (branchSteps > Bounds.BRANCH_STEPS) {
            throw Refusal.rejected("the module's branches are too entangled to be validated in bounded time");
        }
    }

    private InvalidFunctionException rejected(String what) {
        return Refusal.rejected("function " + function + " " + what);
    }
}
