package io.aerodb.functions.gateway.module;

import io.aerodb.functions.function.InvalidFunctionException;

/** Parts of WebAssembly that are refused: a module may use WebAssembly 2.0 without SIMD, with one memory. */
enum UnsupportedFeature {
    EXCEPTIONS("exception handling"),
    GARBAGE_COLLECTION("garbage-collected types and typed references"),
    MEMORY64("64-bit memories and tables"),
    MULTIPLE_MEMORIES("more than one memory"),
    /** The compiler does not know its instructions. */
    SIMD("SIMD instructions"),
    /** A function that calls itself by one never looks at its deadline: the engine checks neither there nor at entry. */
    TAIL_CALLS("tail calls"),
    THREADS("shared memories, threads and atomic instructions");

    private final String description;

    UnsupportedFeature(String description) {
        this.description = description;
    }

    InvalidFunctionException refusal() {
        return Refusal.rejected("the module uses " + description + ", which functions may not");
    }
}
