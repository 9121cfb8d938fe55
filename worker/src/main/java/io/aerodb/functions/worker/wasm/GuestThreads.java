package io.aerodb.functions.worker.wasm;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the platform threads that functions run on. A function's stack is its thread's stack, so the thread sets that limit;
 * that is why {@link Sandbox#run} accepts no other threads.
 */
public final class GuestThreads implements ThreadFactory {

    static final int GUEST_STACK_BYTES = 1024 * 1024;
    /** Above the guest's part: what runs before the guest, and what a host call needs at the guest's deepest point. */
    private static final int HOST_STACK_BYTES = 256 * 1024;

    private final AtomicInteger made = new AtomicInteger();

    @Override
    public Thread newThread(Runnable task) {
        return new GuestThread(task, "guest-" + made.incrementAndGet());
    }

    static boolean isCurrent() {
        return Thread.currentThread() instanceof GuestThread;
    }

    private static final class GuestThread extends Thread {

        GuestThread(Runnable task, String name) {
            super(null, task, name, GUEST_STACK_BYTES + HOST_STACK_BYTES);
            setDaemon(true);
        }
    }
}
