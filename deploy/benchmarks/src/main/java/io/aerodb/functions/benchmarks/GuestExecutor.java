package io.aerodb.functions.benchmarks;

import io.aerodb.functions.worker.wasm.GuestThreads;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Lets JMH measure on threads that functions may run on. JMH makes it by its name, with these parameters. */
public final class GuestExecutor extends ThreadPoolExecutor {

    public GuestExecutor(int threads, String prefix) {
        super(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new GuestThreads());
    }
}
