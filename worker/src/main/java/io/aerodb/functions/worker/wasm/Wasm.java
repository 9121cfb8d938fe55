package io.aerodb.functions.worker.wasm;

/** Bytes of the binary format that are written. */
final class Wasm {

    static final int I32 = 0x7f;
    static final int I64 = 0x7e;
    static final int FUNCTION_TYPE = 0x60;
    static final int NO_RESULT = 0x40;

    static final int IF = 0x04;
    static final int END = 0x0b;
    static final int CALL = 0x10;
    static final int DROP = 0x1a;
    static final int LOCAL_GET = 0x20;
    static final int GLOBAL_GET = 0x23;
    static final int GLOBAL_SET = 0x24;
    static final int I32_CONST = 0x41;
    static final int I64_CONST = 0x42;
    static final int I32_EQZ = 0x45;
    static final int I32_EQ = 0x46;
    static final int I32_SUB = 0x6b;
    static final int I64_AND = 0x83;
    static final int I64_OR = 0x84;
    static final int I64_SHL = 0x86;
    static final int I64_SHR_U = 0x88;
    static final int I64_EXTEND_I32_U = 0xad;
    static final int REF_FUNC = 0xd2;

    private Wasm() {}
}
