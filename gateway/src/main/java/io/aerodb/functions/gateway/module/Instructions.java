package io.aerodb.functions.gateway.module;

import java.util.EnumSet;
import java.util.Set;
import run.endive.wasm.types.OpCode;
import run.endive.wasm.types.WasmEncoding;

/**
 * Reads instructions without understanding them. The table of what follows each opcode is the engine's, so that both take the
 * same bytes for the same instruction.
 */
final class Instructions {

    private static final Set<OpCode> CONSTANT = EnumSet.of(
            OpCode.I32_CONST, OpCode.I64_CONST, OpCode.F32_CONST, OpCode.F64_CONST,
            OpCode.GLOBAL_GET, OpCode.REF_NULL, OpCode.REF_FUNC,
            OpCode.I32_ADD, OpCode.I32_SUB, OpCode.I32_MUL, OpCode.I64_ADD, OpCode.I64_SUB, OpCode.I64_MUL);

    private static final int NUMERIC_AND_BULK_PREFIX = 0xfc;

    private Instructions() {}

    /** The next instruction's opcode; its immediates are still to be read. */
    static OpCode next(WasmReader reader) {
        var first = reader.u8();
        requireSupported(first);
        var second = first == NUMERIC_AND_BULK_PREFIX ? reader.u32() : 0;
        var opcode = second > 0xff ? null
                : OpCode.byOpCode(first == NUMERIC_AND_BULK_PREFIX ? (first << 8) + (int) second : first);
        if (opcode == null) {
            throw Refusal.invalid("there is no such instruction" + reader.here());
        }
        return opcode;
    }

    static void skipImmediates(OpCode opcode, WasmReader reader) {
        if (opcode == OpCode.REF_NULL) {
            requireSimpleReference(reader);
            return;
        }
        for (var encoding : OpCode.signature(opcode)) {
            skipImmediate(encoding, reader);
        }
    }

    /** The initial value of a global, or the offset of a segment. */
    static void skipConstantExpression(WasmReader reader) {
        for (var i = 0; i <= Bounds.CONSTANT_INSTRUCTIONS; i++) {
            var opcode = next(reader);
            if (opcode == OpCode.END) {
                return;
            }
            if (!CONSTANT.contains(opcode)) {
                throw Refusal.invalid("an initial value or offset is computed by more than constants" + reader.here());
            }
            skipImmediates(opcode, reader);
        }
        throw Refusal.rejected("an initial value or offset takes more than " + Bounds.CONSTANT_INSTRUCTIONS + " instructions");
    }

    private static void skipImmediate(WasmEncoding encoding, WasmReader reader) {
        switch (encoding) {
            case VARUINT -> reader.u32();
            case VARSINT32 -> reader.skipS32();
            case VARSINT64 -> reader.skipS64();
            case FLOAT32 -> reader.skip(4);
            case FLOAT64 -> reader.skip(8);
            case MEMARG -> skipMemoryArgument(reader);
            case VEC_VALUE_TYPE -> skipResultType(reader);
            case BYTE, V128, VEC_CATCH, VEC_VARUINT, BLOCK_TYPE ->
                throw Refusal.invalid("an instruction is not supported here" + reader.here());
        }
    }

    private static void skipMemoryArgument(WasmReader reader) {
        var alignment = reader.u32();
        if (alignment >> 6 != 0) {
            throw UnsupportedFeature.MULTIPLE_MEMORIES.refusal();
        }
        reader.u32();
    }

    private static void skipResultType(WasmReader reader) {
        if (reader.u32() != 1) {
            throw Refusal.invalid("a select must name one result type" + reader.here());
        }
        ValueType.of(reader.u32());
    }

    private static void requireSimpleReference(WasmReader reader) {
        if (!ValueType.of(reader.u8()).isReference()) {
            throw Refusal.invalid("a null reference must be of a reference type" + reader.here());
        }
    }

    private static void requireSupported(int firstByte) {
        switch (firstByte) {
            case 0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f -> throw UnsupportedFeature.EXCEPTIONS.refusal();
            case 0x12, 0x13 -> throw UnsupportedFeature.TAIL_CALLS.refusal();
            case 0x14, 0x15, 0xd3, 0xd4, 0xd5, 0xd6, 0xfb -> throw UnsupportedFeature.GARBAGE_COLLECTION.refusal();
            case 0xfd -> throw UnsupportedFeature.SIMD.refusal();
            case 0xfe -> throw UnsupportedFeature.THREADS.refusal();
            default -> {
                // supported, or unknown to the engine too
            }
        }
    }
}
