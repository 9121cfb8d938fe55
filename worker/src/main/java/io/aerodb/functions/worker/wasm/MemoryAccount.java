package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.function.Limits;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.Memory;
import run.endive.wasm.types.MemoryLimits;

/**
 * What one run has of memory, within its function's limit and the worker's budget. It knows whether more was ever refused: that is
 * how a function that ran out of memory is told from one that failed.
 */
final class MemoryAccount {

    private static final String OVER_WORKER_BUDGET =
            "the memory that all functions of this worker share is used up; the function's own limit was not reached";

    private final long limitPages;
    private final int declaredPages;
    private final MemoryBudget budget;
    private int pages;
    private int keptPages;
    private @Nullable String refusal;

    private MemoryAccount(long limitPages, int declaredPages, MemoryBudget budget) {
        this.limitPages = limitPages;
        this.declaredPages = declaredPages;
        this.budget = budget;
    }

    /**
     * For a memory of its initial size, to be {@linkplain #release() released} by the caller.
     *
     * @param declared what the module says of its memory
     * @throws MemoryRefusedException if its initial size is too much already
     */
    static MemoryAccount open(MemoryLimits declared, long limitBytes, MemoryBudget budget) throws MemoryRefusedException {
        var account = new MemoryAccount(limitBytes / Memory.PAGE_SIZE, declared.maximumPages(), budget);
        if (!account.take(declared.initialPages())) {
            throw new MemoryRefusedException(account.refusal);
        }
        return account;
    }

    /**
     * Before a memory grows.
     *
     * @param more unsigned, as the guest means it
     * @return whether it may
     */
    boolean take(int more) {
        var wanted = pages + Integer.toUnsignedLong(more);
        if (wanted > limitPages) {
            return refused("the function asked for more memory than its limit of " + limitPages * Memory.PAGE_SIZE / Limits.MIB + " MiB");
        }
        if (wanted > declaredPages) {
            return refused("the function asked for more memory than its module declares, " + declaredPages + " pages of 64 KiB");
        }
        if (!budget.take(more)) {
            return refused(OVER_WORKER_BUDGET);
        }
        pages += more;
        return true;
    }

    /** What was taken last could not be had after all: there was not as much as the budget says. */
    void returnTaken(int more) {
        pages -= more;
        budget.giveBack(more);
        refused(OVER_WORKER_BUDGET);
    }

    /**
     * What the host keeps for the run beside its memory. It is heap as well, so the budget counts it, but for less than a page, which
     * most runs need; the function's limit is for its memory alone.
     *
     * @param bytes all that is kept from now on
     * @return whether it may be
     */
    boolean keep(long bytes) {
        var more = (int) (bytes / Memory.PAGE_SIZE) - keptPages;
        if (more > 0 && !budget.take(more)) {
            return refused(OVER_WORKER_BUDGET);
        }
        if (more < 0) {
            budget.giveBack(-more);
        }
        keptPages += more;
        return true;
    }

    void release() {
        budget.giveBack(pages + keptPages);
        pages = 0;
        keptPages = 0;
    }

    /** Memories only grow, so this is the most there ever was. */
    long bytes() {
        return (long) pages * Memory.PAGE_SIZE;
    }

    /** The most pages that the memory can ever have. */
    int maximumPages() {
        return (int) Math.min(declaredPages, limitPages);
    }

    /** Why more was refused last; null if it never was. */
    @Nullable String refusal() {
        return refusal;
    }

    private boolean refused(String why) {
        refusal = why;
        return false;
    }
}
