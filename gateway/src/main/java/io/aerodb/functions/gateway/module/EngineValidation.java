package io.aerodb.functions.gateway.module;

import io.aerodb.functions.gateway.module.ModuleOutline.Section;
import java.io.ByteArrayOutputStream;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmEngineException;

/**
 * The engine's own parser and validator. It builds objects for every instruction of what it is given, so it is given the module
 * again and again, each time with the real bodies of some functions and a stub for every other: memory then depends on the size
 * of a slice and not of the module. Custom sections it never sees: they mean nothing to a function, and it sorts names slowly.
 */
final class EngineValidation {

    private static final int SLICE_COST = 500_000;
    /** A body that is valid for any type: no locals, {@code unreachable}, {@code end}. */
    private static final byte[] STUB = {3, 0, 0x00, 0x0b};
    /** What the parser puts before every message about a malformed module. */
    private static final String NOISE = "section size mismatch, unexpected end of section or function, ";

    private EngineValidation() {}

    static void validate(byte[] wasm, ModuleOutline outline) {
        var from = 0;
        do {
            var to = sliceEnd(outline, from);
            parse(slice(wasm, outline, from, to));
            from = to;
        } while (from < outline.bodies.size());
    }

    private static int sliceEnd(ModuleOutline outline, int from) {
        var cost = 0;
        var to = from;
        while (to < outline.bodies.size() && cost < SLICE_COST) {
            cost += outline.bodies.get(to).cost();
            to++;
        }
        return to;
    }

    private static byte[] slice(byte[] wasm, ModuleOutline outline, int from, int to) {
        var module = new ByteArrayOutputStream();
        module.write(wasm, 0, 8);
        for (var section : outline.sections) {
            if (section.kind() == SectionKind.CODE) {
                var code = code(wasm, outline, from, to);
                module.write(SectionKind.CODE.id);
                writeU32(module, code.size());
                module.writeBytes(code.toByteArray());
            } else {
                copy(wasm, section, module);
            }
        }
        return module.toByteArray();
    }

    private static ByteArrayOutputStream code(byte[] wasm, ModuleOutline outline, int from, int to) {
        var code = new ByteArrayOutputStream();
        writeU32(code, outline.bodies.size());
        for (var i = 0; i < outline.bodies.size(); i++) {
            if (i >= from && i < to) {
                var body = outline.bodies.get(i);
                code.write(wasm, body.start(), body.end() - body.start());
            } else {
                code.writeBytes(STUB);
            }
        }
        return code;
    }

    private static void copy(byte[] wasm, Section section, ByteArrayOutputStream module) {
        module.write(wasm, section.start(), section.end() - section.start());
    }

    private static void writeU32(ByteArrayOutputStream out, int value) {
        var rest = value;
        while (rest >= 0x80) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    /** The parser announces that it may throw any exception; on bytes from outside that is an answer, not a failure of ours. */
    private static void parse(byte[] module) {
        try {
            Parser.parse(module);
        } catch (WasmEngineException e) {
            var message = String.valueOf(e.getMessage());
            throw Refusal.invalid("the module is not valid: " + (message.startsWith(NOISE) ? message.substring(NOISE.length()) : message));
        } catch (RuntimeException | AssertionError | StackOverflowError e) {
            throw Refusal.invalid("the module is malformed");
        } catch (OutOfMemoryError e) {
            throw Refusal.rejected("the module takes too much memory to be validated");
        }
    }
}
