package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import io.aerodb.functions.worker.module.FakePostgres;
import io.aerodb.functions.worker.module.TestArtefacts;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;

/** Prints what it takes to compile, to load and to call a module for the first time, and what it costs to keep; no test, because machines differ. */
final class ModuleLoadTimings {

    private static final int ROUNDS = 30;

    private ModuleLoadTimings() {}

    public static void main(String[] arguments) throws Exception {
        for (var functions : new int[] {1, 250, 2_500}) {
            print(functions);
        }
        System.exit(0);
    }

    private static void print(int functions) throws Exception {
        var compile = new long[ROUNDS];
        var load = new long[ROUNDS];
        var first = new long[ROUNDS];
        var kept = new ArrayList<CompiledModule>();
        var size = 0;
        var sealed = 0;
        try (var postgres = new FakePostgres(); var guests = new Guests()) {
            var sandbox = new Sandbox(64 << 20, TestArtefacts.in(postgres));
            var metaspace = metaspace();
            var heap = heap();
            for (var i = 0; i < ROUNDS; i++) {
                var wasm = module(functions, i);
                var hash = ModuleHash.of(wasm);
                size = wasm.length;
                var start = System.nanoTime();
                var artefact = TestArtefacts.COMPILER.compile(hash, wasm);
                compile[i] = System.nanoTime() - start;
                sealed = artefact.bytes().length;
                postgres.artefacts.put(hash.hex(), artefact.bytes());
                start = System.nanoTime();
                var module = sandbox.compile(hash, wasm);
                load[i] = System.nanoTime() - start;
                postgres.artefacts.clear();
                start = System.nanoTime();
                if (!(guests.run(module, Guests.call()).outcome() instanceof Succeeded)) {
                    throw new IllegalStateException("the module does not run");
                }
                first[i] = System.nanoTime() - start;
                kept.add(module);
            }
            System.out.printf("%d functions, %d bytes, artefact %d bytes, cost %d, measured heap %d, metaspace %d%n", functions, size, sealed,
                    kept.getFirst().cost(), (heap() - heap) / ROUNDS, (metaspace() - metaspace) / ROUNDS);
        }
        print("compile", compile);
        print("load", load);
        print("first call", first);
    }

    private static void print(String what, long[] nanos) {
        Arrays.sort(nanos);
        System.out.printf("  %-10s p50 %.1f ms, p95 %.1f, most %.1f%n", what, nanos[ROUNDS / 2] / 1e6, nanos[ROUNDS * 95 / 100] / 1e6, nanos[ROUNDS - 1] / 1e6);
    }

    private static long heap() {
        System.gc();
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long metaspace() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getName().contains("Metaspace"))
                .mapToLong(pool -> pool.getUsage().getUsed()).sum();
    }

    /** About 400 bytes for each function; each calls the next one, and the handler the first. */
    private static byte[] module(int functions, int mark) {
        var bodies = new ByteArrayOutputStream();
        bodies.writeBytes(leb(functions + 1));
        bodies.writeBytes(body(new int[] {0, 0x41, 20, 0x10, 1, 0x1a, 0x41, 0}));
        for (var i = 0; i < functions; i++) {
            bodies.writeBytes(function(i + 1 == functions ? 1 : i + 2, mark));
        }
        var types = new ByteArrayOutputStream();
        types.writeBytes(leb(functions + 1));
        types.write(0);
        types.writeBytes(filled(functions, 1));
        var wasm = new ByteArrayOutputStream();
        wasm.writeBytes(bytes(0, 'a', 's', 'm', 1, 0, 0, 0));
        section(wasm, 1, bytes(2, 0x60, 0, 1, 0x7f, 0x60, 1, 0x7f, 1, 0x7f));
        section(wasm, 3, types.toByteArray());
        section(wasm, 5, bytes(1, 0, 1));
        var exports = new ByteArrayOutputStream();
        exports.writeBytes(bytes(2, 6));
        exports.writeBytes("memory".getBytes(StandardCharsets.US_ASCII));
        exports.writeBytes(bytes(2, 0, 7));
        exports.writeBytes("handler".getBytes(StandardCharsets.US_ASCII));
        exports.writeBytes(bytes(0, 0));
        section(wasm, 7, exports.toByteArray());
        section(wasm, 10, bodies.toByteArray());
        return wasm.toByteArray();
    }

    private static byte[] function(int next, int mark) {
        var code = new ByteArrayOutputStream();
        code.writeBytes(bytes(1, 2, 0x7f)); // two locals
        code.writeBytes(bytes(0x20, 0, 0x45, 0x04, 0x40, 0x41, mark & 0x3f, 0x0f, 0x0b)); // if it is 0, return the mark
        for (var i = 0; i < 16; i++) {
            // a load, some arithmetic and a loop
            code.writeBytes(bytes(0x20, 0, 0x41, i, 0x6a, 0x41, 63, 0x71, 0x28, 2, i, 0x21, 1,
                    0x03, 0x40, 0x20, 1, 0x0d, 0, 0x0b));
        }
        code.writeBytes(bytes(0x20, 0, 0x41, 1, 0x6b, 0x10));
        code.writeBytes(leb(next));
        return body(code.toByteArray());
    }

    private static byte[] body(int[] code) {
        return body(bytes(code));
    }

    private static byte[] body(byte[] code) {
        var body = new ByteArrayOutputStream();
        body.writeBytes(leb(code.length + 1));
        body.writeBytes(code);
        body.write(0x0b);
        return body.toByteArray();
    }

    private static void section(ByteArrayOutputStream wasm, int id, byte[] content) {
        wasm.write(id);
        wasm.writeBytes(leb(content.length));
        wasm.writeBytes(content);
    }

    private static byte[] filled(int length, int value) {
        var bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static byte[] leb(int value) {
        var out = new ByteArrayOutputStream();
        var rest = value;
        while (rest >= 0x80) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
        return out.toByteArray();
    }

    private static byte[] bytes(int... values) {
        var bytes = new byte[values.length];
        for (var i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
