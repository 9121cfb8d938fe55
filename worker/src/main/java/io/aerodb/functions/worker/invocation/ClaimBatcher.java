package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.invocation.Claim;
import io.aerodb.functions.invocation.ClaimRequest;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for invocations on behalf of the slots. All who wait at a moment share one question to PostgreSQL, so a busy worker asks
 * seldom and an idle one at once. Thread-safe.
 */
public final class ClaimBatcher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClaimBatcher.class);
    static final int MAX_BATCH = 256;
    /** One asks while the other one's answers are on their way. */
    private static final int THREADS = 2;
    private static final int MAX_UNANSWERED = 10_000;

    private final Function<List<ClaimRequest>, List<Claim>> claims;
    private final ClaimMetrics metrics;
    private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
    /** Tokens of requests that may have been granted without our hearing of it; who asks again asks with them. */
    private final Map<UUID, Long> unanswered = Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Long> eldest) {
            return size() > MAX_UNANSWERED;
        }
    });
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;

    private record Waiting(ClaimRequest request, CompletableFuture<Claim> answer) {}

    /** @param claims one answer for each request, in the same order; throws {@link UnavailableException} while PostgreSQL is away */
    public ClaimBatcher(Function<List<ClaimRequest>, List<Claim>> claims, ClaimMetrics metrics) {
        this.claims = claims;
        this.metrics = metrics;
        IntStream.range(0, THREADS).forEach(number ->
                threads.add(Thread.ofPlatform().name("claims-" + number).daemon().unstarted(this::serveUntilClosed)));
    }

    public void start() {
        threads.forEach(Thread::start);
    }

    /**
     * Waits for the answer.
     *
     * @throws UnavailableException if PostgreSQL is away, or this is closed; it is safe to ask again
     */
    Claim claim(ClaimRequest request) throws InterruptedException {
        var token = unanswered.remove(request.id()); // for one of us: two who ask with one token would both be granted it
        var asked = new Waiting(token == null ? request : request.withToken(token), new CompletableFuture<>());
        waiting.add(asked);
        if (closed) {
            failAllWaiting(stopping());
        }
        try {
            var answer = asked.answer().get();
            metrics.answered(request, answer);
            return answer;
        } catch (ExecutionException e) {
            metrics.unavailable();
            throw new UnavailableException(e.getCause() instanceof UnavailableException away ? away.dependency() : "postgres", e.getCause());
        } catch (InterruptedException e) {
            unanswered.put(request.id(), asked.request().token());
            waiting.remove(asked);
            throw e;
        }
    }

    /** How many wait to be asked for. */
    int waiting() {
        return waiting.size();
    }

    private void serveUntilClosed() {
        while (!closed) {
            try {
                ask(nextBatch());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** At least one. Two that ask for the same invocation do so one after the other. */
    private List<Waiting> nextBatch() throws InterruptedException {
        var batch = new LinkedHashMap<UUID, Waiting>();
        var taken = new ArrayList<Waiting>();
        taken.add(waiting.take());
        waiting.drainTo(taken, MAX_BATCH - 1);
        for (var each : taken) {
            if (batch.putIfAbsent(each.request().id(), each) != null) {
                waiting.add(each);
            }
        }
        return List.copyOf(batch.values());
    }

    private void ask(List<Waiting> batch) {
        try {
            var requests = batch.stream().map(Waiting::request).toList();
            var answers = metrics.timed(requests.size(), () -> claims.apply(requests));
            for (var i = 0; i < batch.size(); i++) {
                batch.get(i).answer().complete(answers.get(i));
            }
        } catch (UnavailableException e) {
            fail(batch, e);
            failAllWaiting(e); // they would wait in vain, for as long as these did
        } catch (DatabaseException e) {
            LOG.atError().setCause(e).log("PostgreSQL refused to tell who may run what; it will be asked again");
            fail(batch, e);
        } catch (RuntimeException | Error e) {
            LOG.atError().setCause(e).log("asking for invocations broke; it will be tried again");
            fail(batch, e);
        }
    }

    private void failAllWaiting(Throwable reason) {
        var all = new ArrayList<Waiting>();
        waiting.drainTo(all);
        fail(all, reason);
    }

    private void fail(Collection<Waiting> asked, Throwable reason) {
        for (var each : asked) {
            unanswered.put(each.request().id(), each.request().token());
            each.answer().completeExceptionally(reason);
        }
    }

    private static UnavailableException stopping() {
        return new UnavailableException("worker", "the worker is stopping");
    }

    /** Who waits then is told that it is unavailable. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        threads.forEach(Thread::interrupt);
        for (var thread : threads) {
            thread.join();
        }
        failAllWaiting(stopping());
    }
}
