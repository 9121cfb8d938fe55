package io.aerodb.functions.worker.module;

import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.metrics.Histograms;
import io.aerodb.functions.worker.wasm.CompiledModule;
import io.aerodb.functions.worker.wasm.ModuleRejectedException;
import io.aerodb.functions.worker.wasm.Sandbox;
import io.micrometer.core.instrument.Gauge;
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
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Modules that are ready to run, by hash, fetched and loaded once however many calls wait for one, the least recently used going
 * first when they grow over their size. Loading happens on threads of its own: it takes time and stack that a guest's thread has
 * not. What a call waits for goes before what is only loaded ahead. Thread-safe.
 */
public final class ModuleCache implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ModuleCache.class);
    /** Each may hold the largest module and its artefact. */
    private static final int LOADERS = 2;
    /** What is remembered of a module that is rejected, in bytes. */
    private static final int REJECTED_COST = 4096;

    private final FunctionStore store;
    private final Sandbox sandbox;
    private final long maxBytes;
    private final Timer loadTime;
    private final Timer coldStarts;
    private final ExecutorService awaited = loaders("load-", LOADERS);
    private final ExecutorService ahead = loaders("load-ahead-", 1);
    private final Map<ModuleHash, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    private static final class Entry {
        final CompletableFuture<CompiledModule> module = new CompletableFuture<>();
        final AtomicBoolean started = new AtomicBoolean();
        /** Whether a call has asked for it. */
        boolean awaited;
        /** 0 until it is known. */
        long cost;
    }

    /** @param maxBytes that the modules may take in this process; one that is in use stays usable when it is dropped */
    public ModuleCache(FunctionStore store, Sandbox sandbox, long maxBytes, MeterRegistry metrics) {
        this.store = store;
        this.sandbox = sandbox;
        this.maxBytes = maxBytes;
        this.loadTime = Histograms.ofTimes("worker.module.load", "Time to make a stored module ready to run").register(metrics);
        this.coldStarts = Histograms.ofTimes("functions.cold.start", "Time that runs waited for their module, of those that did not find it ready")
                .register(metrics);
        Gauge.builder("worker.modules.size", this, ModuleCache::sizeBytes).baseUnit("bytes")
                .description("Memory that loaded modules take, about").register(metrics);
    }

    /** Starts to fetch and load, if that has not happened yet, so that the first call need not wait. */
    public void warm(ModuleHash hash) {
        synchronized (entries) {
            if (!entries.containsKey(hash)) {
                var entry = new Entry();
                entries.put(hash, entry);
                ahead.execute(() -> fill(hash, entry));
            }
        }
    }

    /** Whether a call would not have to wait for it. */
    public boolean isReady(ModuleHash hash) {
        synchronized (entries) {
            var entry = entries.get(hash);
            return entry != null && entry.module.isDone();
        }
    }

    /**
     * Waits until the module can be run.
     *
     * @throws ModuleRejectedException if the stored bytes do not fit the hash or cannot be run
     * @throws UnavailableException if the module is not here and cannot be had within the patience
     */
    public CompiledModule get(ModuleHash hash, Duration patience) throws ModuleRejectedException, InterruptedException {
        var module = awaited(hash).module;
        if (module.isDone()) {
            return get(hash, module, Duration.ZERO);
        }
        var asked = System.nanoTime();
        try {
            return get(hash, module, patience);
        } finally {
            coldStarts.record(System.nanoTime() - asked, TimeUnit.NANOSECONDS);
        }
    }

    private static CompiledModule get(ModuleHash hash, CompletableFuture<CompiledModule> module, Duration patience)
            throws ModuleRejectedException, InterruptedException {
        try {
            return module.get(Math.max(0, patience.toNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new UnavailableException("module", "the module was still being loaded at the deadline");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case ModuleRejectedException rejected -> throw rejected;
                case UnavailableException unavailable -> throw unavailable;
                default -> throw new IllegalStateException("loading module " + hash + " broke", e.getCause());
            }
        }
    }

    private Entry awaited(ModuleHash hash) {
        synchronized (entries) {
            var entry = entries.computeIfAbsent(hash, _ -> new Entry());
            if (!entry.awaited) {
                entry.awaited = true;
                if (!entry.started.get()) {
                    awaited.execute(() -> fill(hash, entry));
                }
            }
            return entry;
        }
    }

    private void fill(ModuleHash hash, Entry entry) {
        if (!entry.started.compareAndSet(false, true)) {
            return;
        }
        try {
            var wasm = store.module(hash).orElseThrow(() -> new UnavailableException("module", "the module is not stored any more"));
            var started = System.nanoTime();
            var module = sandbox.compile(hash, wasm);
            var took = Duration.ofNanos(System.nanoTime() - started);
            loadTime.record(took);
            LOG.atDebug().addKeyValue("module", hash).addKeyValue("cost", module.cost()).addKeyValue("millis", took.toMillis()).log("loaded");
            account(entry, module.cost());
            entry.module.complete(module);
        } catch (ModuleRejectedException e) {
            account(entry, REJECTED_COST); // stays: the same bytes will not become better
            entry.module.completeExceptionally(e);
        } catch (Throwable e) {
            synchronized (entries) {
                entries.remove(hash, entry);
            }
            entry.module.completeExceptionally(e);
        }
    }

    private void account(Entry added, long cost) {
        synchronized (entries) {
            added.cost = cost;
            bytes += cost;
            for (Iterator<Entry> eldest = entries.values().iterator(); bytes > maxBytes && eldest.hasNext(); ) {
                var candidate = eldest.next();
                if (candidate != added && candidate.cost > 0) {
                    bytes -= candidate.cost;
                    eldest.remove();
                }
            }
        }
    }

    private long sizeBytes() {
        synchronized (entries) {
            return bytes;
        }
    }

    private static ExecutorService loaders(String name, int threads) {
        return Executors.newFixedThreadPool(threads, Thread.ofPlatform().name(name, 0).daemon().stackSize(16 << 20).factory());
    }

    @Override
    public void close() {
        awaited.shutdownNow();
        ahead.shutdownNow();
    }
}
