package io.aerodb.functions.compiler.child;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * A module reduced to what instances are made of. The engine parses instructions into objects, many times the size of the module,
 * and never looks at those it has compiled: without them a module loads sooner and takes a fraction of the heap.
 */
final class Skeleton {

    private static final int HEADER_BYTES = 8;
    private static final int CUSTOM_SECTION = 0;
    private static final int CODE_SECTION = 10;
    /** A body that is valid for any type: no locals, {@code unreachable}, {@code end}. */
    private static final byte[] STUB = {3, 0, 0x00, 0x0b};

    private final ByteBuffer module;
    private final ByteArrayOutputStream skeleton = new ByteArrayOutputStream();

    private Skeleton(byte[] wasm) {
        module = ByteBuffer.wrap(wasm);
    }

    /**
     * @param wasm a valid module
     * @param importedFunctions how many functions come before the first one that has a body
     * @param kept functions whose bodies are needed, by their index
     */
    static byte[] of(byte[] wasm, int importedFunctions, Set<Integer> kept) {
        var skeleton = new Skeleton(wasm);
        skeleton.copy(0, HEADER_BYTES);
        skeleton.sections(importedFunctions, kept);
        return skeleton.skeleton.toByteArray();
    }

    private void sections(int importedFunctions, Set<Integer> kept) {
        module.position(HEADER_BYTES);
        while (module.hasRemaining()) {
            var start = module.position();
            var id = module.get();
            var size = readSize();
            var end = module.position() + size;
            switch (id) {
                case CUSTOM_SECTION -> { }
                case CODE_SECTION -> code(importedFunctions, kept);
                default -> copy(start, end);
            }
            module.position(end);
        }
    }

    private void code(int importedFunctions, Set<Integer> kept) {
        var bodies = new ByteArrayOutputStream();
        var count = readSize();
        writeSize(bodies, count);
        for (var i = 0; i < count; i++) {
            var start = module.position();
            var size = readSize();
            var end = module.position() + size;
            if (kept.contains(importedFunctions + i)) {
                bodies.write(module.array(), start, end - start);
            } else {
                bodies.writeBytes(STUB);
            }
            module.position(end);
        }
        skeleton.write(CODE_SECTION);
        writeSize(skeleton, bodies.size());
        skeleton.writeBytes(bodies.toByteArray());
    }

    private void copy(int start, int end) {
        skeleton.write(module.array(), start, end - start);
    }

    /** Unsigned LEB128; that it fits into an int was seen when the module was parsed. */
    private int readSize() {
        var value = 0;
        for (var shift = 0; ; shift += 7) {
            var next = module.get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static void writeSize(ByteArrayOutputStream out, int value) {
        var rest = value;
        while (rest >= 0x80) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }
}
