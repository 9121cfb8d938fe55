package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import io.aerodb.functions.testkit.TestModules;
import io.aerodb.functions.worker.module.FakePostgres;
import io.aerodb.functions.worker.module.TestArtefacts;
import java.lang.management.ManagementFactory;
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
        try (var postgres = new FakePostgres(); var guests = new Guests(Guests.sandbox(Guests.BUDGET_BYTES))) {
            var sandbox = new Sandbox(SandboxEngine.ENDIVE, 64 << 20, TestArtefacts.in(postgres));
            var metaspace = metaspace();
            var heap = heap();
            for (var i = 0; i < ROUNDS; i++) {
                var wasm = TestModules.typical(functions, i);
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
}
