package io.aerodb.functions.worker.module;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.worker.wasm.CompiledModule;
import io.aerodb.functions.worker.wasm.ModuleRejectedException;
import io.aerodb.functions.worker.wasm.Sandbox;
import io.aerodb.functions.worker.wasm.SandboxEngine;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ModuleCacheTest {

    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int SIZE = 100;
    private static Sandbox sandbox;
    private static long cost;

    private final FakePostgres postgres = new FakePostgres();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    /** Holds two of the modules, and not three. */
    private final ModuleCache cache = new ModuleCache(new FunctionStore(postgres.database), sandbox, 2 * cost + cost / 2, metrics);
    private final ModuleHash a = postgres.store(Modules.ofSize(SIZE, 1));
    private final ModuleHash b = postgres.store(Modules.ofSize(SIZE, 2));
    private final ModuleHash c = postgres.store(Modules.ofSize(SIZE, 3));

    @BeforeAll
    static void open() throws Exception {
        sandbox = new Sandbox(SandboxEngine.ENDIVE, 16 << 20, TestArtefacts.any());
        var module = Modules.ofSize(SIZE, 0);
        cost = sandbox.compile(ModuleHash.of(module), module).cost();
    }

    @AfterAll
    static void closeSandbox() {
        sandbox.close();
    }

    @AfterEach
    void close() {
        cache.close();
        postgres.close();
    }

    @Test
    void fetchesAndCompilesAModuleOnce() throws Exception {
        var first = cache.get(a, LONG);
        assertEquals(a, first.hash());
        assertSame(first, cache.get(a, LONG));
        assertEquals(List.of(a.hex()), postgres.fetches);
        assertEquals(1, metrics.get("worker.module.load").timer().count());
    }

    @Test
    void fetchesAModuleOnceHoweverManyWaitForIt() throws Exception {
        postgres.gate = new CountDownLatch(1);
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = Stream.generate(() -> callers.submit(() -> cache.get(a, LONG))).limit(50).toList();
            await().until(() -> postgres.fetches.size() == 1);
            postgres.gate.countDown();
            var seen = new HashSet<CompiledModule>();
            for (var call : calls) {
                seen.add(call.get());
            }
            assertEquals(1, seen.size());
        }
        assertEquals(1, postgres.fetches.size());
    }

    @Test
    void fetchesAheadOfTheFirstCall() throws Exception {
        cache.warm(a);
        cache.warm(a);
        await().until(() -> postgres.fetches.size() == 1);
        cache.get(a, LONG);
        assertEquals(1, postgres.fetches.size());
    }

    @Test
    void triesAgainAfterTheDatabaseWasAway() throws Exception {
        postgres.failure = new SQLException("connection lost", "08006");
        assertEquals("postgres", assertThrows(UnavailableException.class, () -> cache.get(a, LONG)).dependency());
        assertEquals(a, cache.get(a, LONG).hash());
        assertEquals(2, postgres.fetches.size());
    }

    @Test
    void triesAgainAfterAFailureThatNobodyExpected() throws Exception {
        postgres.failure = new IllegalArgumentException("a defect");
        assertInstanceOf(IllegalArgumentException.class, assertThrows(IllegalStateException.class, () -> cache.get(a, LONG)).getCause());
        assertEquals(a, cache.get(a, LONG).hash());
    }

    @Test
    void looksAgainForAModuleThatWasNotStored() throws Exception {
        var late = ModuleHash.of(Modules.SUCCEEDS);
        assertThrows(UnavailableException.class, () -> cache.get(late, LONG));
        postgres.store(Modules.SUCCEEDS);
        assertEquals(late, cache.get(late, LONG).hash());
    }

    @Test
    void rejectsBytesThatDoNotFitTheirHashOnceAndForAll() {
        postgres.store(a, Modules.FAILS);
        var message = assertThrows(ModuleRejectedException.class, () -> cache.get(a, LONG)).getMessage();
        assertTrue(message.contains("hash"), message);
        assertThrows(ModuleRejectedException.class, () -> cache.get(a, LONG));
        assertEquals(1, postgres.fetches.size());
    }

    @Test
    void rejectsBytesThatAreNoModuleOnceAndForAll() {
        var noise = postgres.store(new byte[] {1, 2, 3});
        assertThrows(ModuleRejectedException.class, () -> cache.get(noise, LONG));
        assertThrows(ModuleRejectedException.class, () -> cache.get(noise, LONG));
        assertEquals(1, postgres.fetches.size());
    }

    @Test
    void waitsNoLongerThanThePatience() throws Exception {
        postgres.gate = new CountDownLatch(1);
        assertEquals("module", assertThrows(UnavailableException.class, () -> cache.get(a, Duration.ZERO)).dependency());
        assertThrows(UnavailableException.class, () -> cache.get(a, Duration.ofSeconds(-1)));
        postgres.gate.countDown();
        assertEquals(a, cache.get(a, LONG).hash());
        assertEquals(1, postgres.fetches.size(), "the work goes on while nobody waits");
    }

    @Test
    void measuresHowLongWasWaitedForAModule() throws Exception {
        postgres.gate = new CountDownLatch(1);
        assertThrows(UnavailableException.class, () -> cache.get(a, Duration.ofMillis(1)));
        assertEquals(1, metrics.get("functions.cold.start").timer().count());
        postgres.gate.countDown();
        cache.get(a, LONG);
        var coldStarts = metrics.get("functions.cold.start").timer().count();
        cache.get(a, LONG);
        assertEquals(coldStarts, metrics.get("functions.cold.start").timer().count(), "it was ready");
    }

    @Test
    void letsAWaitingCallBeInterrupted() throws Exception {
        postgres.gate = new CountDownLatch(1);
        var call = new FutureTask<>((Callable<CompiledModule>) () -> cache.get(a, LONG));
        var thread = Thread.ofPlatform().start(call);
        await().until(() -> !postgres.fetches.isEmpty());
        thread.interrupt();
        assertInstanceOf(InterruptedException.class, assertThrows(ExecutionException.class, call::get).getCause());
    }

    @Test
    void keepsWhatFits() throws Exception {
        cache.get(a, LONG);
        cache.get(b, LONG);
        cache.get(a, LONG);
        cache.get(b, LONG);
        assertEquals(List.of(a.hex(), b.hex()), postgres.fetches);
    }

    @Test
    void dropsTheLeastRecentlyUsedWhenItGrowsTooLarge() throws Exception {
        var first = cache.get(a, LONG);
        cache.get(b, LONG);
        cache.get(a, LONG); // now b is the least recently used
        cache.get(c, LONG);
        assertSame(first, cache.get(a, LONG));
        cache.get(c, LONG);
        assertEquals(List.of(a.hex(), b.hex(), c.hex()), postgres.fetches);
        cache.get(b, LONG);
        assertEquals(List.of(a.hex(), b.hex(), c.hex(), b.hex()), postgres.fetches);
    }

    @Test
    void keepsCountingRightWhenModulesComeAndGo() throws Exception {
        for (var i = 0; i < 10; i++) {
            for (var hash : List.of(a, b, c)) {
                cache.get(hash, LONG);
            }
        }
        var before = postgres.fetches.size();
        cache.get(b, LONG);
        cache.get(c, LONG);
        assertEquals(before, postgres.fetches.size(), "two still fit");
    }

    @Test
    void runsAModuleThatIsLargerThanTheWholeCache() throws Exception {
        try (var tiny = new ModuleCache(new FunctionStore(postgres.database), sandbox, 1, new SimpleMeterRegistry())) {
            var first = tiny.get(a, LONG);
            assertEquals(a, first.hash());
            tiny.get(b, LONG);
            assertNotSame(first, tiny.get(a, LONG));
        }
    }
}
