package io.aerodb.functions.worker.module;

import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.worker.wasm.CompiledModule;
import io.aerodb.functions.worker.wasm.ModuleRejectedException;
import io.aerodb.functions.worker.wasm.Sandbox;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled modules by hash, fetched and compiled once however many calls wait for one, the least recently used going first when
 * they grow over their size. Compiling happens on threads of its own: it takes time and stack that a guest's thread has not.
 * Thread-safe.
 */
public final class ModuleCache implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ModuleCache.class);
    private static final int COMPILERS = 2;

    private final FunctionStore store;
    private final Sandbox sandbox;
    private final long maxBytes;
    private final Timer compileTime;
    private final ExecutorService compilers = Executors.newFixedThreadPool(COMPILERS,
            Thread.ofPlatform().name("compile-", 0).daemon().stackSize(16 << 20).factory());
    private final Map<ModuleHash, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    /** @param size 0 until it is known */
    private static final class Entry {
        final CompletableFuture<CompiledModule> module = new CompletableFuture<>();
        int size;
    }

    /** @param maxBytes of the modules as deployed; one that is in use stays usable when it is dropped */
    public ModuleCache(FunctionStore store, Sandbox sandbox, long maxBytes, MeterRegistry metrics) {
        this.store = store;
        this.sandbox = sandbox;
        this.maxBytes = maxBytes;
        this.compileTime = Timer.builder("worker.compile").description("Time to compile a module").register(metrics);
    }

    /** Starts to fetch and compile, if that has not happened yet, so that the first call need not wait. */
    public void warm(ModuleHash hash) {
        entry(hash);
    }

    /**
     * Waits until the module can be run.
     *
     * @throws ModuleRejectedException if the stored bytes do not fit the hash or cannot be compiled
     * @throws UnavailableException if the module is not here and cannot be had within the patience
     */
    public CompiledModule get(ModuleHash hash, Duration patience) throws ModuleRejectedException, InterruptedException {
        try {
            return entry(hash).module.get(Math.max(0, patience.toNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new UnavailableException("module", "the module was still being compiled at the deadline");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case ModuleRejectedException rejected -> throw rejected;
                case UnavailableException unavailable -> throw unavailable;
                default -> throw new IllegalStateException("compiling module " + hash + " broke", e.getCause());
            }
        }
    }

    private Entry entry(ModuleHash hash) {
        synchronized (entries) {
            var known = entries.get(hash);
            if (known != null) {
                return known;
            }
            var entry = new Entry();
            entries.put(hash, entry);
            compilers.execute(() -> fill(hash, entry));
            return entry;
        }
    }

    private void fill(ModuleHash hash, Entry entry) {
        try {
            var wasm = store.module(hash).orElseThrow(() -> new UnavailableException("module", "the module is not stored any more"));
            var started = System.nanoTime();
            var compiled = sandbox.compile(hash, wasm);
            var took = Duration.ofNanos(System.nanoTime() - started);
            compileTime.record(took);
            LOG.atDebug().addKeyValue("module", hash).addKeyValue("bytes", wasm.length).addKeyValue("millis", took.toMillis()).log("compiled");
            account(entry, wasm.length);
            entry.module.complete(compiled);
        } catch (ModuleRejectedException e) {
            entry.module.completeExceptionally(e); // stays: the same bytes will not become better
        } catch (Throwable e) {
            synchronized (entries) {
                entries.remove(hash, entry);
            }
            entry.module.completeExceptionally(e);
        }
    }

    private void account(Entry added, int size) {
        synchronized (entries) {
            added.size = size;
            bytes += size;
            for (Iterator<Entry> eldest = entries.values().iterator(); bytes > maxBytes && eldest.hasNext(); ) {
                var candidate = eldest.next();
                if (candidate != added && candidate.size > 0) {
                    bytes -= candidate.size;
                    eldest.remove();
                }
            }
        }
    }

    @Override
    public void close() {
        compilers.shutdownNow();
    }
}
