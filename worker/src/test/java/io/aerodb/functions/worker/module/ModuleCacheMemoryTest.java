package io.aerodb.functions.worker.module;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.worker.wasm.ModuleRejectedException;
import io.aerodb.functions.worker.wasm.Sandbox;
import io.aerodb.functions.worker.wasm.SandboxEngine;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** However many modules come through, what they take of the process stays what the cache may have. */
@Timeout(300)
class ModuleCacheMemoryTest {

    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int MODULES = 2_000;
    private static final long CACHE_BYTES = 8 << 20;

    private final FakePostgres postgres = new FakePostgres();
    private final Sandbox sandbox = new Sandbox(SandboxEngine.ENDIVE, 16 << 20, TestArtefacts.in(postgres));
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final ModuleCache cache = new ModuleCache(new FunctionStore(postgres.database), sandbox, CACHE_BYTES, metrics);

    private record Footprint(int classes, long heapBytes, long metaspaceBytes) {

        static Footprint now() {
            System.gc();
            System.gc();
            return new Footprint(
                    ManagementFactory.getClassLoadingMXBean().getLoadedClassCount(),
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory(),
                    ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getName().contains("Metaspace"))
                            .mapToLong(pool -> pool.getUsage().getUsed()).sum());
        }
    }

    @AfterEach
    void close() {
        cache.close();
        sandbox.close();
        postgres.close();
    }

    @Test
    void unloadsTheClassesOfModulesThatItDrops() throws Exception {
        load(0, MODULES / 4);
        var early = Footprint.now();
        load(MODULES / 4, MODULES);
        var late = Footprint.now();
        System.out.println(MODULES + " modules through a cache of " + CACHE_BYTES + " bytes: " + early + ", then " + late);
        assertTrue(late.classes < early.classes + 200, early + ", then " + late);
        assertTrue(late.heapBytes < early.heapBytes + CACHE_BYTES, early + ", then " + late);
        assertTrue(late.metaspaceBytes < early.metaspaceBytes + CACHE_BYTES, early + ", then " + late);
        assertTrue(sizeBytes() <= CACHE_BYTES);
    }

    @Test
    void dropsModulesThatWereRejectedToo() {
        for (var i = 0; i < MODULES + 1_000; i++) {
            var hash = postgres.store(ByteBuffer.allocate(8).putInt(i).array());
            assertThrows(ModuleRejectedException.class, () -> cache.get(hash, LONG));
        }
        assertTrue(sizeBytes() > 0 && sizeBytes() <= CACHE_BYTES, sizeBytes() + " bytes");
    }

    private void load(int from, int to) throws Exception {
        for (var i = from; i < to; i++) {
            var module = Modules.numbered(i);
            cache.get(postgres.store(module), LONG);
            postgres.forget(ModuleHash.of(module)); // what the test's database holds is not to be measured
        }
    }

    private double sizeBytes() {
        return metrics.get("worker.modules.size").gauge().value();
    }
}
