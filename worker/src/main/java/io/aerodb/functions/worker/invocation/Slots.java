package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.worker.wasm.GuestThreads;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The places where functions run, and a short queue before them that keeps them busy between two polls. The queue is bounded by
 * asking {@link #isFull} before taking more, in records and in bytes. Thread-safe.
 */
final class Slots implements AutoCloseable {

    private static final int QUEUED_PER_SLOT = 4;
    private static final int MIN_QUEUED = 64;
    private static final long MAX_QUEUED_BYTES = 64 << 20;
    private static final Duration IDLE_THREAD_LIFE = Duration.ofSeconds(60);

    private final ThreadPoolExecutor threads;
    private final int maxQueued;
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final AtomicInteger busy = new AtomicInteger();

    /** @param count functions that run at once */
    Slots(int count) {
        threads = new ThreadPoolExecutor(count, count, IDLE_THREAD_LIFE.toSeconds(), TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(), new GuestThreads());
        threads.allowCoreThreadTimeOut(true);
        maxQueued = Math.max(MIN_QUEUED, count * QUEUED_PER_SLOT);
    }

    /** Whether no more should be taken for now. */
    boolean isFull() {
        return queued.get() >= maxQueued || queuedBytes.get() >= MAX_QUEUED_BYTES;
    }

    /** Runs the task as soon as a slot is free. @param bytes what it holds in memory until then */
    void execute(int bytes, Runnable task) {
        queued.incrementAndGet();
        queuedBytes.addAndGet(bytes);
        threads.execute(() -> {
            queued.decrementAndGet();
            queuedBytes.addAndGet(-bytes);
            busy.incrementAndGet();
            try {
                task.run();
            } finally {
                busy.decrementAndGet();
            }
        });
    }

    int busy() {
        return busy.get();
    }

    int queued() {
        return queued.get();
    }

    /** Interrupts what still runs. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
