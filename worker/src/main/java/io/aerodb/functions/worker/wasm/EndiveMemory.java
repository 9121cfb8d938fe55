package io.aerodb.functions.worker.wasm;

import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.WasmInterruptedException;
import run.endive.wasm.types.MemoryLimits;

/** The memory of one run, a Java array. Which run a host call belongs to is known by the memory of the instance that makes it. */
final class EndiveMemory extends EndiveDelegatingMemory implements LinearMemory {

    /** Takes less than a millisecond: how late an interrupt may be seen in a bulk instruction. */
    private static final int STEP_BYTES = 2 * 1024 * 1024;

    private final GuestRun run;

    private EndiveMemory(MemoryLimits limits, GuestRun run) {
        super(new ByteArrayMemory(limits));
        this.run = run;
    }

    /** The memory that the run's account was opened for. @throws GuestAbort if there is not as much heap as the budget says */
    static EndiveMemory allocate(int initialPages, GuestRun run) {
        try {
            return new EndiveMemory(new MemoryLimits(initialPages, run.memory().maximumPages()), run);
        } catch (OutOfMemoryError e) {
            run.memory().returnTaken(initialPages);
            throw new GuestAbort("the function's memory could not be made");
        }
    }

    GuestRun run() {
        return run;
    }

    @Override
    public long sizeBytes() {
        return (long) pages() * PAGE_SIZE;
    }

    /** @param pages unsigned, as the guest means it */
    @Override
    public int grow(int pages) {
        StackHeadroom.prove();
        if (!run.memory().take(pages)) {
            return -1;
        }
        try {
            return super.grow(pages);
        } catch (OutOfMemoryError e) {
            run.memory().returnTaken(pages);
            return -1;
        }
    }

    /** Nothing to do: it is new, and the JVM made it of zeros. */
    @Override
    public void zero() {}

    @Override
    public void fill(byte value, int from, int to) {
        stopIfInterrupted();
        if (!isInside(from, to - from)) {
            // traps, and does nothing before
            super.fill(value, from, to);
        }
        for (var at = from; at < to; at += STEP_BYTES) {
            stopIfInterrupted();
            super.fill(value, at, Math.min(to, at + STEP_BYTES));
        }
    }

    @Override
    public void copy(int destination, int source, int size) {
        stopIfInterrupted();
        if (!isInside(destination, size) || !isInside(source, size)) {
            // traps, and does nothing before
            super.copy(destination, source, size);
        }
        for (var done = 0; done < size; done += STEP_BYTES) {
            stopIfInterrupted();
            var step = Math.min(STEP_BYTES, size - done);
            // where they overlap, what is still to be read must not be written over
            var at = destination <= source ? done : size - done - step;
            super.copy(destination + at, source + at, step);
        }
    }

    @Override
    public void initPassiveSegment(int segment, int destination, int offset, int size) {
        stopIfInterrupted();
        super.initPassiveSegment(segment, destination, offset, size);
    }

    private boolean isInside(int pointer, int length) {
        return pointer >= 0 && length >= 0 && pointer + (long) length <= sizeBytes();
    }

    /** The engine looks for interrupts at calls and loops; a long row of these instructions has neither. */
    private static void stopIfInterrupted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new WasmInterruptedException("interrupted");
        }
    }
}
