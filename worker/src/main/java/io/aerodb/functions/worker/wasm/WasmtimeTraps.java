package io.aerodb.functions.worker.wasm;

import io.github.kawamuray.wasmtime.Trap;

/** How wasmtime's traps end a run, in the words of the WebAssembly specification. */
final class WasmtimeTraps {

    /** Of the text of a trap. */
    static final String PREFIX = "wasm trap: ";

    private WasmtimeTraps() {}

    static GuestEnd end(Trap trap) {
        return switch (trap) {
            case STACK_OVERFLOW -> new GuestStackExhausted();
            case INTERRUPT -> new GuestInterrupted();
            case MEMORY_OUT_OF_BOUNDS -> GuestAbort.trap("out of bounds memory access");
            case TABLE_OUT_OF_BOUNDS -> GuestAbort.trap("undefined element: out of bounds table access");
            case INDIRECT_CALL_TO_NULL -> GuestAbort.trap("uninitialized element");
            case BAD_SIGNATURE -> GuestAbort.trap("indirect call type mismatch");
            case INTEGER_OVERFLOW -> GuestAbort.trap("integer overflow");
            case INTEGER_DIVISION_BY_ZERO -> GuestAbort.trap("integer divide by zero");
            case BAD_CONVERSION_TO_INTEGER -> GuestAbort.trap("invalid conversion to integer");
            case UNREACHABLE_CODE_REACHED -> GuestAbort.trap("unreachable");
            case HEAP_MISALIGNED, ALWAYS_TRAP_ADAPTER, OUF_OF_FUEL, UNKNOWN -> GuestAbort.trap(trap.name());
        };
    }
}
