package io.aerodb.functions.gateway.module;

/**
 * The largest module that is accepted, in every dimension in which size costs the validator or the compiler time or memory.
 * Modules of real toolchains stay far below; what exceeds one of these was made to hurt or cannot be compiled in time.
 */
final class Bounds {

    static final int MODULE_BYTES = 10 * 1024 * 1024;
    static final int WAT_BYTES = 1024 * 1024;

    static final int TYPES = 10_000;
    static final int PARAMETERS = 100;
    static final int RESULTS = 16;
    static final int IMPORTS = 100;
    static final int FUNCTIONS = 50_000;
    static final int TABLES = 10;
    static final int TABLE_ELEMENTS = 100_000;
    /** 1 GiB, the highest memory limit a function can be given. */
    static final int MEMORY_PAGES = 16_384;
    static final int GLOBALS = 10_000;
    static final int EXPORTS = 10_000;
    static final int ELEMENT_SEGMENTS = 10_000;
    static final int DATA_SEGMENTS = 100_000;
    static final int CUSTOM_SECTIONS = 1_000;
    static final int CONSTANT_INSTRUCTIONS = 16;

    static final int BODY_BYTES = 128 * 1024;
    static final int LOCALS = 1_000;
    static final int NESTING = 500;
    /** Instructions of one function, plus the values that its calls, blocks and branches move: what validation holds in memory. */
    static final int FUNCTION_COST = 250_000;
    /** Steps over enclosing and neighbouring blocks that resolving all branches of a module takes. */
    static final long BRANCH_STEPS = 300_000_000;

    private Bounds() {}
}
