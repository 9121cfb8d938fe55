package io.aerodb.functions.compiler;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Modules byte by byte: harmless ones, and ones that are made to hurt. */
final class Modules {

    private static final int I32 = 0x7f;
    private static final int END = 0x0b;

    private Modules() {}

    /** Returns a number, below 64, from its handler: another module for every number. */
    static byte[] returning(int number) {
        return module(1, body(new int[] {0}, new byte[] {0x41, (byte) number}));
    }

    /** 1 KB for which the compiler takes minutes or gigabytes. */
    static byte[] bombOfLocals(int functions, int locals) {
        return module(functions, body(concat(new int[] {1}, u32(locals), new int[] {I32}), new byte[] {0x41, 0}));
    }

    /** Functions of additions: {@code steps} of them in each. */
    static byte[] large(int functions, int steps) {
        var code = new byte[2 + 3 * steps];
        Arrays.fill(code, (byte) 0x41);
        for (var i = 0; i < steps; i++) {
            code[2 + 3 * i + 1] = (byte) (i & 0x3f);
            code[2 + 3 * i + 2] = 0x6a;
        }
        code[1] = 7;
        return module(functions, body(new int[] {0}, code));
    }

    /** Blocks in blocks. */
    static byte[] nested(int depth) {
        var code = new ByteArrayOutputStream();
        for (var i = 0; i < depth; i++) {
            code.write(0x02);
            code.write(I32);
        }
        code.write(0x41);
        code.write(0);
        for (var i = 0; i < depth; i++) {
            code.write(END);
        }
        return module(1, body(new int[] {0}, code.toByteArray()));
    }

    /** A handler that does nothing but call itself at its end. */
    static byte[] tailCalling() {
        return module(1, body(new int[] {0}, new byte[] {0x12, 0}));
    }

    /** All functions are {@code () -> i32} and have the same body; the first one is the handler. */
    private static byte[] module(int functions, byte[] body) {
        var wasm = new ByteArrayOutputStream();
        write(wasm, 0x00, 'a', 's', 'm', 1, 0, 0, 0);
        section(wasm, 1, bytes(1, 0x60, 0, 1, I32));
        section(wasm, 3, join(bytes(u32(functions)), new byte[functions]));
        section(wasm, 5, bytes(1, 0, 1));
        section(wasm, 7, join(bytes(2, 6), "memory".getBytes(StandardCharsets.US_ASCII), bytes(2, 0, 7),
                "handler".getBytes(StandardCharsets.US_ASCII), bytes(0, 0)));
        var bodies = new ByteArrayOutputStream();
        bodies.writeBytes(bytes(u32(functions)));
        for (var i = 0; i < functions; i++) {
            bodies.writeBytes(body);
        }
        section(wasm, 10, bodies.toByteArray());
        section(wasm, 0, join(bytes(4), "note".getBytes(StandardCharsets.US_ASCII), new byte[100]));
        return wasm.toByteArray();
    }

    private static byte[] body(int[] locals, byte[] code) {
        return join(bytes(u32(locals.length + code.length + 1)), bytes(locals), code, bytes(END));
    }

    private static void section(ByteArrayOutputStream wasm, int id, byte[] content) {
        wasm.write(id);
        write(wasm, u32(content.length));
        wasm.writeBytes(content);
    }

    private static int[] u32(int value) {
        var out = new int[5];
        var length = 0;
        var rest = value;
        while (rest >= 0x80) {
            out[length++] = rest & 0x7f | 0x80;
            rest >>>= 7;
        }
        out[length++] = rest;
        return Arrays.copyOf(out, length);
    }

    private static int[] concat(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }

    private static byte[] join(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (var part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] bytes(int... values) {
        var out = new byte[values.length];
        for (var i = 0; i < values.length; i++) {
            out[i] = (byte) values[i];
        }
        return out;
    }

    private static void write(ByteArrayOutputStream out, int... values) {
        out.writeBytes(bytes(values));
    }
}
