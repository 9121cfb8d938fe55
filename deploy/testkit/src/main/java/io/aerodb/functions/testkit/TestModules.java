package io.aerodb.functions.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** WebAssembly modules byte by byte: harmless ones, large ones, and ones that are made to hurt. */
public final class TestModules {

    private static final int I32 = 0x7f;
    private static final int END = 0x0b;
    private static final int CUSTOM = 0;

    private TestModules() {}

    /** Returns a number, below 64, from its handler: another module for every number. */
    public static byte[] returning(int number) {
        return module(1, body(new int[] {0}, new byte[] {0x41, (byte) number}));
    }

    /** 1 KB for which the compiler takes minutes or gigabytes. */
    public static byte[] bombOfLocals(int functions, int locals) {
        return module(functions, body(concat(new int[] {1}, u32(locals), new int[] {I32}), new byte[] {0x41, 0}));
    }

    /** Functions of additions: {@code steps} of them in each. */
    public static byte[] large(int functions, int steps) {
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
    public static byte[] nested(int depth) {
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

    /** A section without meaning, of zeros. */
    public static byte[] nothing(int bytes) {
        var wasm = new ByteArrayOutputStream();
        wasm.writeBytes(returning(0));
        section(wasm, CUSTOM, join(bytes(4), "void".getBytes(StandardCharsets.US_ASCII), new byte[bytes]));
        return wasm.toByteArray();
    }

    /**
     * What compilers make, in size: functions of about 350 bytes of loads, arithmetic and loops, each of which calls the next.
     *
     * @param mark another module for every mark below 64
     */
    public static byte[] typical(int functions, int mark) {
        var bodies = new ByteArrayOutputStream();
        bodies.writeBytes(bytes(u32(functions + 1)));
        bodies.writeBytes(body(new int[] {0}, bytes(0x41, 20, 0x10, 1, 0x1a, 0x41, 0)));
        for (var i = 0; i < functions; i++) {
            bodies.writeBytes(typicalFunction(i + 1 == functions ? 1 : i + 2, mark));
        }
        var types = new byte[functions + 1];
        Arrays.fill(types, 1, types.length, (byte) 1);
        return module(join(bytes(u32(functions + 1)), types), bodies.toByteArray());
    }

    private static byte[] typicalFunction(int next, int mark) {
        var code = new ByteArrayOutputStream();
        write(code, 0x20, 0, 0x45, 0x04, 0x40, 0x41, mark, 0x0f, END); // if the parameter is 0, return the mark
        for (var i = 0; i < 16; i++) {
            write(code, 0x20, 0, 0x41, i, 0x6a, 0x41, 63, 0x71, 0x28, 2, i, 0x21, 1); // load from an address made of the parameter
            write(code, 0x03, 0x40, 0x20, 1, 0x0d, 0, END); // a loop, until it is 0
        }
        write(code, 0x20, 0, 0x41, 1, 0x6b, 0x10);
        write(code, u32(next));
        return body(new int[] {1, 2, I32}, code.toByteArray());
    }

    /** A handler that does nothing but call itself at its end. */
    public static byte[] tailCalling() {
        return module(1, body(new int[] {0}, new byte[] {0x12, 0}));
    }

    /** All functions are {@code () -> i32} and have the same body. */
    private static byte[] module(int functions, byte[] body) {
        var bodies = new ByteArrayOutputStream();
        bodies.writeBytes(bytes(u32(functions)));
        for (var i = 0; i < functions; i++) {
            bodies.writeBytes(body);
        }
        return module(join(bytes(u32(functions)), new byte[functions]), bodies.toByteArray());
    }

    /** Type 0 is {@code () -> i32}, type 1 is {@code i32 -> i32}; function 0 is the handler. */
    private static byte[] module(byte[] functions, byte[] bodies) {
        var wasm = new ByteArrayOutputStream();
        write(wasm, 0x00, 'a', 's', 'm', 1, 0, 0, 0);
        section(wasm, 1, bytes(2, 0x60, 0, 1, I32, 0x60, 1, I32, 1, I32));
        section(wasm, 3, functions);
        section(wasm, 5, bytes(1, 0, 1));
        section(wasm, 7, join(bytes(2, 6), "memory".getBytes(StandardCharsets.US_ASCII), bytes(2, 0, 7),
                "handler".getBytes(StandardCharsets.US_ASCII), bytes(0, 0)));
        section(wasm, 10, bodies);
        section(wasm, CUSTOM, join(bytes(4), "note".getBytes(StandardCharsets.US_ASCII), new byte[100]));
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
