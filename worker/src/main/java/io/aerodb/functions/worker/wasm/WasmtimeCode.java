package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.worker.wasm.WasmtimeLayout.Added;
import run.endive.wasm.types.OpCode;
import run.endive.wasm.types.WasmEncoding;

/**
 * Rewrites instructions. What grows a memory or a table asks the host before and tells it where that failed; each round of a loop is
 * counted, so that the host is called now and then; what can take long at once first looks at the clock; and functions are named by
 * their new numbers. All else stays as it is.
 */
final class WasmtimeCode {

    /** So rare that the host's call costs nothing, and every millisecond or so in a short loop. */
    static final int ROUNDS = 1_000_000;

    private static final int BULK_PREFIX = 0xfc;
    /** From here on what begins as an alignment is followed by the number of a memory, even if it is the only one. */
    private static final int MEMORY_NAMED = 1 << 6;

    private final WasmtimeLayout layout;

    WasmtimeCode(WasmtimeLayout layout) {
        this.layout = layout;
    }

    /** A function's locals and instructions. */
    WasmBuffer body(WasmCursor body, int end) {
        var rewritten = new WasmBuffer();
        var start = body.position();
        for (var groups = body.count(); groups > 0; groups--) {
            body.skipNumber();
            body.skipNumber();
        }
        body.copy(start, rewritten);
        while (body.position() < end) {
            instruction(body, rewritten);
        }
        return rewritten;
    }

    /** The initial value of a global or an element, or an offset. */
    void expression(WasmCursor expression, WasmBuffer rewritten) {
        while (instruction(expression, rewritten) != OpCode.END) {
            // expressions have no blocks, so the first end is theirs
        }
    }

    private OpCode instruction(WasmCursor code, WasmBuffer rewritten) {
        var start = code.position();
        var opcode = opcode(code);
        switch (opcode) {
            case CALL -> rewritten.put(Wasm.CALL).unsigned(layout.function(code.u32()));
            case REF_FUNC -> rewritten.put(Wasm.REF_FUNC).unsigned(layout.function(code.u32()));
            case MEMORY_GROW -> grow(Added.TAKE_PAGES, Added.CHECK_PAGES, opcode, code, start, rewritten);
            case TABLE_GROW -> grow(Added.TAKE_ELEMENTS, Added.CHECK_ELEMENTS, opcode, code, start, rewritten);
            case MEMORY_FILL, MEMORY_COPY, MEMORY_INIT, TABLE_FILL, TABLE_COPY, TABLE_INIT -> {
                call(Added.CHECK_CLOCK, rewritten);
                copy(opcode, code, start, rewritten);
            }
            case LOOP -> {
                copy(opcode, code, start, rewritten);
                countRound(rewritten);
            }
            default -> copy(opcode, code, start, rewritten);
        }
        return opcode;
    }

    private void grow(Added take, Added check, OpCode opcode, WasmCursor code, int start, WasmBuffer rewritten) {
        call(take, rewritten);
        copy(opcode, code, start, rewritten);
        call(check, rewritten);
    }

    private void countRound(WasmBuffer rewritten) {
        var rounds = layout.roundsGlobal();
        rewritten.put(Wasm.GLOBAL_GET).unsigned(rounds).put(Wasm.I32_CONST).signed(1).put(Wasm.I32_SUB)
                .put(Wasm.GLOBAL_SET).unsigned(rounds)
                .put(Wasm.GLOBAL_GET).unsigned(rounds).put(Wasm.I32_EQZ)
                .put(Wasm.IF, Wasm.NO_RESULT);
        call(Added.PAUSE, rewritten);
        rewritten.put(Wasm.END);
    }

    private void call(Added function, WasmBuffer rewritten) {
        rewritten.put(Wasm.CALL).unsigned(layout.function(function));
    }

    private static void copy(OpCode opcode, WasmCursor code, int start, WasmBuffer rewritten) {
        for (var encoding : OpCode.signature(opcode)) {
            skipImmediate(encoding, code);
        }
        code.copy(start, rewritten);
    }

    private static OpCode opcode(WasmCursor code) {
        var first = code.u8();
        var opcode = OpCode.byOpCode(first == BULK_PREFIX ? first << 8 | code.count() : first);
        if (opcode == null) {
            throw new IllegalArgumentException("the instruction 0x%x is not supported".formatted(first));
        }
        return opcode;
    }

    private static void skipImmediate(WasmEncoding encoding, WasmCursor code) {
        switch (encoding) {
            case VARUINT, VARSINT32, VARSINT64, BLOCK_TYPE -> code.skipNumber();
            case FLOAT32 -> code.skip(Float.BYTES);
            case FLOAT64 -> code.skip(Double.BYTES);
            case VEC_VARUINT, VEC_VALUE_TYPE -> {
                for (var numbers = code.count(); numbers > 0; numbers--) {
                    code.skipNumber();
                }
            }
            case MEMARG -> {
                if (code.u32() >= MEMORY_NAMED) {
                    throw new IllegalArgumentException("an instruction that names its memory is not supported");
                }
                code.skipNumber();
            }
            case BYTE, V128, VEC_CATCH -> throw new IllegalArgumentException("SIMD and exceptions are not supported");
        }
    }
}
