package io.aerodb.functions.worker.module;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The smallest modules that can be run, byte by byte, so that no assembler has to be started. */
public final class Modules {

    public static final byte[] SUCCEEDS = returning(0);
    public static final byte[] FAILS = returning(1);
    /** {@code loop br 0 end}. */
    public static final byte[] NEVER_RETURNS = module(new int[] {0x03, 0x40, 0x0c, 0x00, 0x0b, 0x41, 0}, 0);

    private Modules() {}

    /** A module that does nothing and has as many bytes; another one for every mark. */
    public static byte[] ofSize(int bytes, int mark) {
        var padding = bytes - SUCCEEDS.length - 4;
        var module = module(new int[] {0x41, 0}, padding);
        module[module.length - 1] = (byte) mark;
        if (module.length != bytes || padding > 100) {
            throw new IllegalArgumentException("no module has " + bytes + " bytes");
        }
        return module;
    }

    /** A module that does nothing; another one for every number. */
    public static byte[] numbered(int number) {
        var module = module(new int[] {0x41, 0}, 4);
        ByteBuffer.wrap(module).putInt(module.length - Integer.BYTES, number);
        return module;
    }

    private static byte[] returning(int result) {
        return module(new int[] {0x41, result}, 0);
    }

    private static byte[] module(int[] code, int padding) {
        var wasm = new ByteArrayOutputStream();
        write(wasm, 0x00, 'a', 's', 'm', 1, 0, 0, 0);
        write(wasm, 1, 5, 1, 0x60, 0, 1, 0x7f); // a type: () -> i32
        write(wasm, 3, 2, 1, 0); // a function of it
        write(wasm, 5, 3, 1, 0, 1); // one page of memory
        write(wasm, 7, 20, 2, 6);
        wasm.writeBytes("memory".getBytes(StandardCharsets.US_ASCII));
        write(wasm, 2, 0, 7);
        wasm.writeBytes("handler".getBytes(StandardCharsets.US_ASCII));
        write(wasm, 0, 0);
        write(wasm, 10, code.length + 4, 1, code.length + 2, 0);
        write(wasm, code);
        write(wasm, 0x0b);
        if (padding > 0) {
            write(wasm, 0, padding + 2, 1, 'x'); // a custom section
            wasm.writeBytes(new byte[padding]);
        }
        return wasm.toByteArray();
    }

    private static void write(ByteArrayOutputStream wasm, int... bytes) {
        for (var next : bytes) {
            wasm.write(next);
        }
    }
}
