package io.aerodb.functions.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A few threads of their own for one kind of work that blocks, so that much of it cannot take all threads from everything else. Thread-safe. */
public final class BlockingCalls {

    private static final int LONGEST_MINUTES = 1;

    private final WorkerExecutor threads;
    private final Semaphore places;

    /**
     * @param name of the threads
     * @param waiting how much may wait for a thread; more is refused with 429
     */
    public BlockingCalls(Vertx vertx, String name, int threads, int waiting) {
        this.threads = vertx.createSharedWorkerExecutor(name, threads, LONGEST_MINUTES, TimeUnit.MINUTES);
        this.places = new Semaphore(threads + waiting);
    }

    /** Call on an event loop; the future completes there. */
    public <T> Future<T> run(Callable<T> work) {
        if (!places.tryAcquire()) {
            return Future.failedFuture(new ProblemException(Problem.tooManyRequests("too many such requests at once; try again")));
        }
        return threads.executeBlocking(work, false).onComplete(_ -> places.release());
    }

    /** Answers a request with what the work returns, or with the problem that it throws. */
    public <T> void answer(RoutingContext context, Callable<T> work, Consumer<T> answer) {
        run(work).onSuccess(answer::accept).onFailure(context::fail);
    }
}
