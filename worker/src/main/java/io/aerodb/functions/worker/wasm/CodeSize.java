package io.aerodb.functions.worker.wasm;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Reads of a module only what shows how big its functions are. A few bytes can declare millions of local variables, for which
 * parser and compiler would take gigabytes and minutes, so this is checked before them.
 */
final class CodeSize {

    static final int MAX_MODULE_BYTES = 10 * 1024 * 1024;
    private static final int MAX_FUNCTIONS = 50_000;
    private static final int MAX_BODY_BYTES = 128 * 1024;
    private static final int MAX_LOCALS = 1_000;

    private static final int HEADER_BYTES = 8;
    private static final int CODE_SECTION = 10;
    private static final int REF_NULL_TYPE = 0x63;
    private static final int REF_TYPE = 0x64;

    private final ByteBuffer wasm;

    private CodeSize(byte[] wasm) {
        this.wasm = ByteBuffer.wrap(wasm);
    }

    static void check(byte[] wasm) throws ModuleRejectedException {
        if (wasm.length > MAX_MODULE_BYTES) {
            throw new ModuleRejectedException("the module has " + wasm.length + " bytes, allowed are " + MAX_MODULE_BYTES);
        }
        try {
            new CodeSize(wasm).checkSections();
        } catch (BufferUnderflowException | IllegalArgumentException | ArithmeticException e) {
            throw new ModuleRejectedException("the module is malformed: it ends in the middle of a section", e);
        }
    }

    private void checkSections() throws ModuleRejectedException {
        wasm.position(HEADER_BYTES);
        while (wasm.hasRemaining()) {
            var id = wasm.get();
            var size = unsigned();
            var end = Math.addExact(wasm.position(), size);
            if (id == CODE_SECTION) {
                checkFunctions();
            }
            wasm.position(end);
        }
    }

    private void checkFunctions() throws ModuleRejectedException {
        var count = unsigned();
        if (count > MAX_FUNCTIONS) {
            throw new ModuleRejectedException("the module has " + count + " functions, allowed are " + MAX_FUNCTIONS);
        }
        for (var i = 0; i < count; i++) {
            var size = unsigned();
            var end = wasm.position() + size;
            if (size > MAX_BODY_BYTES) {
                throw new ModuleRejectedException(
                        "a function of the module has " + size + " bytes, allowed are " + MAX_BODY_BYTES);
            }
            checkLocals();
            wasm.position(end);
        }
    }

    private void checkLocals() throws ModuleRejectedException {
        var groups = unsigned();
        var locals = 0L;
        for (var i = 0; i < groups && locals <= MAX_LOCALS; i++) {
            locals += unsigned();
            var type = wasm.get();
            if (type == REF_NULL_TYPE || type == REF_TYPE) {
                unsigned();
            }
        }
        if (locals > MAX_LOCALS) {
            throw new ModuleRejectedException("a function of the module has more than " + MAX_LOCALS + " local variables");
        }
    }

    /** LEB128. One that does not fit is out of every range here, and so is reported as the end of the section. */
    private int unsigned() {
        var value = 0L;
        for (var shift = 0; shift < 35; shift += 7) {
            var next = wasm.get();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                break;
            }
        }
        if (value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("too large: " + value);
        }
        return (int) value;
    }
}
