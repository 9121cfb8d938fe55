package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.function.Limits;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.WasmInterruptedException;
import run.endive.wasm.types.MemoryLimits;

/**
 * The memory of one run, within its function's limit and the worker's budget. It knows whether it ever refused to grow: that is how
 * a function that ran out of memory is told from one that failed.
 */
final class GuestMemory extends DelegatingMemory {

    private static final String OVER_WORKER_BUDGET =
            "the memory that all functions of this worker share is used up; the function's own limit was not reached";

    private final MemoryLimits declared;
    private final long limitBytes;
    private final MemoryBudget budget;
    private final GuestIo io;
    private int takenPages;
    private @Nullable String refusal;

    /** Takes over the initial pages, which were taken from the budget already. */
    private GuestMemory(MemoryLimits declared, long limitBytes, MemoryBudget budget, GuestIo io) {
        super(new ByteArrayMemory(new MemoryLimits(
                declared.initialPages(), Math.min(declared.maximumPages(), pagesIn(limitBytes)))));
        this.declared = declared;
        this.limitBytes = limitBytes;
        this.budget = budget;
        this.io = io;
        this.takenPages = declared.initialPages();
    }

    /**
     * The memory a module declares, to be {@linkplain #release() released} by the caller.
     *
     * @throws MemoryRefusedException if its initial size is too much already
     */
    static GuestMemory allocate(MemoryLimits declared, long limitBytes, MemoryBudget budget, GuestIo io)
            throws MemoryRefusedException {
        if (declared.initialPages() > pagesIn(limitBytes)) {
            throw new MemoryRefusedException(overFunctionLimit(limitBytes));
        }
        if (!budget.take(declared.initialPages())) {
            throw new MemoryRefusedException(OVER_WORKER_BUDGET);
        }
        try {
            return new GuestMemory(declared, limitBytes, budget, io);
        } catch (OutOfMemoryError e) {
            budget.giveBack(declared.initialPages());
            throw new MemoryRefusedException(OVER_WORKER_BUDGET);
        }
    }

    /** What the run that this memory belongs to reads and writes. */
    GuestIo io() {
        return io;
    }

    /** Why growing was refused last; null if it never was. */
    @Nullable String refusal() {
        return refusal;
    }

    long sizeBytes() {
        return (long) pages() * PAGE_SIZE;
    }

    void release() {
        var pages = takenPages;
        takenPages = 0;
        budget.giveBack(pages);
    }

    /** @param pages unsigned, as the guest means it */
    @Override
    public int grow(int pages) {
        StackHeadroom.prove();
        var wanted = pages() + Integer.toUnsignedLong(pages);
        if (wanted > pagesIn(limitBytes)) {
            return refused(overFunctionLimit(limitBytes));
        }
        if (wanted > declared.maximumPages()) {
            return refused("the function asked for more memory than its module declares, "
                    + declared.maximumPages() + " pages of 64 KiB");
        }
        if (!budget.take(pages)) {
            return refused(OVER_WORKER_BUDGET);
        }
        takenPages += pages;
        try {
            return super.grow(pages);
        } catch (OutOfMemoryError e) {
            return refused(OVER_WORKER_BUDGET);
        }
    }

    /** Nothing to do: it is new, and the JVM made it of zeros. */
    @Override
    public void zero() {}

    @Override
    public void fill(byte value, int from, int to) {
        stopIfInterrupted();
        super.fill(value, from, to);
    }

    @Override
    public void copy(int destination, int source, int size) {
        stopIfInterrupted();
        super.copy(destination, source, size);
    }

    @Override
    public void initPassiveSegment(int segment, int destination, int offset, int size) {
        stopIfInterrupted();
        super.initPassiveSegment(segment, destination, offset, size);
    }

    /** What a host call was pointed at; both numbers unsigned. */
    byte[] bytesAt(long pointer, long length) {
        requireInside(pointer, length);
        return readBytes((int) pointer, (int) length);
    }

    /** The first bytes of the source, where a host call was pointed at. */
    void putAt(long pointer, byte[] source, int length) {
        requireInside(pointer, length);
        write((int) pointer, source, 0, length);
    }

    void requireInside(long pointer, long length) {
        if (pointer + length > sizeBytes()) {
            throw GuestAbort.trap("a host call was pointed at " + length + " bytes at " + pointer
                    + ", outside of a memory of " + sizeBytes() + " bytes");
        }
    }

    /** The engine looks for interrupts at calls and loops; a long row of these instructions has neither. */
    private static void stopIfInterrupted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new WasmInterruptedException("interrupted");
        }
    }

    private int refused(String why) {
        refusal = why;
        return -1;
    }

    private static int pagesIn(long bytes) {
        return (int) (bytes / PAGE_SIZE);
    }

    private static String overFunctionLimit(long bytes) {
        return "the function asked for more memory than its limit of " + bytes / Limits.MIB + " MiB";
    }
}
