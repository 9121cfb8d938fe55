package io.aerodb.functions.gateway.http;

import io.aerodb.functions.lifecycle.UnavailableException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** A few threads of their own for one kind of work that blocks, so that much of it cannot take all threads from everything else. Thread-safe. */
public final class BlockingCalls {

    private static final int LONGEST_MINUTES = 1;
    /** While what the work needs is away, each one takes long to find that out: those behind it need not all do so again. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    private final WorkerExecutor threads;
    private final Semaphore places;
    private final LongSupplier nanoTime;

    /**
     * @param name of the threads
     * @param waiting how much may wait for a thread; more is refused with 429
     */
    public BlockingCalls(Vertx vertx, String name, int threads, int waiting) {
        this(vertx, name, threads, waiting, System::nanoTime);
    }

    BlockingCalls(Vertx vertx, String name, int threads, int waiting, LongSupplier nanoTime) {
        this.threads = vertx.createSharedWorkerExecutor(name, threads, LONGEST_MINUTES, TimeUnit.MINUTES);
        this.places = new Semaphore(threads + waiting);
        this.nanoTime = nanoTime;
    }

    /**
     * Call on an event loop; the future completes there.
     *
     * @return what the work returns; fails with {@link UnavailableException}, and nothing was done, if no thread was free for 2 s
     */
    public <T> Future<T> run(Callable<T> work) {
        if (!places.tryAcquire()) {
            return Future.failedFuture(new ProblemException(Problem.tooManyRequests("too many such requests at once; try again")));
        }
        var asked = nanoTime.getAsLong();
        return threads.executeBlocking(() -> {
            if (nanoTime.getAsLong() - asked > LONGEST_WAIT.toNanos()) {
                throw new UnavailableException("threads", "too many such requests wait for an answer");
            }
            return work.call();
        }, false).onComplete(_ -> places.release());
    }

    /** Answers a request with what the work returns, or with the problem that it throws. */
    public <T> void answer(RoutingContext context, Callable<T> work, Consumer<T> answer) {
        run(work).onSuccess(answer::accept).onFailure(context::fail);
    }
}
