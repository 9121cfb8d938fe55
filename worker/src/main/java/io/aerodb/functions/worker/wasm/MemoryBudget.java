package io.aerodb.functions.worker.wasm;

import java.util.concurrent.atomic.AtomicLong;
import run.endive.runtime.Memory;

/**
 * The pages that all functions running in this worker share. Their memory is Java heap: without a common bound, greedy functions
 * would take it from innocent ones, and from the worker itself.
 */
final class MemoryBudget {

    private final long totalPages;
    private final AtomicLong freePages;

    MemoryBudget(long bytes) {
        totalPages = bytes / Memory.PAGE_SIZE;
        freePages = new AtomicLong(totalPages);
    }

    /** All of them or none. */
    boolean take(int pages) {
        while (true) {
            var free = freePages.get();
            if (free < pages) {
                return false;
            }
            if (freePages.compareAndSet(free, free - pages)) {
                return true;
            }
        }
    }

    void giveBack(int pages) {
        freePages.addAndGet(pages);
    }

    long usedBytes() {
        return (totalPages - freePages.get()) * Memory.PAGE_SIZE;
    }
}
