package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.invocation.Claim;
import io.aerodb.functions.invocation.ClaimRequest;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
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
    private static final Duration GIVE_UP_INTERVAL = Duration.ofSeconds(1);

    private final Function<List<ClaimRequest>, List<Claim>> claims;
    private final Consumer<List<ClaimRequest>> giveUp;
    private final ClaimMetrics metrics;
    private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
    private final UnusedClaims unused = new UnusedClaims();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;

    private record Waiting(UnusedClaims.Asked asked, CompletableFuture<Claim> answer) {

        private ClaimRequest request() {
            return asked.request();
        }
    }

    /**
     * Both throw {@link UnavailableException} while PostgreSQL is away.
     *
     * @param claims one answer for each request, in the same order
     * @param giveUp gives up what these requests were granted
     */
    public ClaimBatcher(Function<List<ClaimRequest>, List<Claim>> claims, Consumer<List<ClaimRequest>> giveUp, ClaimMetrics metrics) {
        this.claims = claims;
        this.giveUp = giveUp;
        this.metrics = metrics;
        IntStream.range(0, THREADS).forEach(number ->
                threads.add(Thread.ofPlatform().name("claims-" + number).daemon().unstarted(this::serveUntilClosed)));
    }

    /** @param here the partitions that are this worker's now */
    public void start(Predicate<TopicPartition> here) {
        threads.add(Thread.ofPlatform().name("claims-unused").daemon().unstarted(() -> giveUpUntilClosed(here)));
        threads.forEach(Thread::start);
    }

    /** A request to ask with, and that at once: it repeats the one whose answer was lost, if there was one. */
    ClaimRequest request(UUID id, Instant acceptedAt, int attempt, int lastAttempt) {
        var request = new ClaimRequest(id, acceptedAt, attempt, lastAttempt);
        return unused.take(id).map(before -> request.withToken(before.token())).orElse(request);
    }

    /** Repeats no request for this invocation, whatever became of it. */
    void forget(UUID id) {
        unused.take(id);
    }

    /** Gives up soon what was granted, because it cannot be told what became of it. */
    void giveUp(ClaimRequest request) {
        unused.useless(request);
    }

    /**
     * Waits for the answer.
     *
     * @param partition where the invocation's record is
     * @throws UnavailableException if PostgreSQL is away, or this is closed; it is safe to ask again
     */
    Claim claim(ClaimRequest request, TopicPartition partition) throws InterruptedException {
        var asks = new Waiting(new UnusedClaims.Asked(request, partition), new CompletableFuture<>());
        waiting.add(asks);
        if (closed) {
            failAllWaiting(stopping());
        }
        try {
            var answer = asks.answer().get();
            metrics.answered(request, answer);
            return answer;
        } catch (ExecutionException e) {
            metrics.unavailable();
            throw new UnavailableException(e.getCause() instanceof UnavailableException away ? away.dependency() : "postgres", e.getCause());
        } catch (InterruptedException e) {
            unused.asked(List.of(asks.asked()), System.nanoTime());
            waiting.remove(asks);
            throw e;
        }
    }

    /** How many wait to be asked for. */
    int waiting() {
        return waiting.size();
    }

    private void serveUntilClosed() {
        var taken = new ArrayList<Waiting>(MAX_BATCH);
        while (!closed) {
            try {
                taken.clear();
                taken.add(waiting.take());
                waiting.drainTo(taken, MAX_BATCH - 1);
                ask(distinct(taken));
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException | Error e) { // after an error, too: whoever waits would wait for ever
                LOG.atError().setCause(e).log("asking for invocations broke; it will be tried again");
                fail(taken, e);
            }
        }
    }

    /** Two that ask for the same invocation do so one after the other. */
    private List<Waiting> distinct(List<Waiting> taken) {
        var batch = new LinkedHashMap<UUID, Waiting>();
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
            failAllWaiting(e); // they would wait in vain, for as long as these did
            fail(batch, e);
        } catch (DatabaseException e) {
            LOG.atError().setCause(e).log("PostgreSQL refused to tell who may run what; it will be asked again");
            fail(batch, e);
        }
    }

    private void failAllWaiting(Throwable reason) {
        var all = new ArrayList<Waiting>();
        waiting.drainTo(all);
        unused.notAsked(asked(all), System.nanoTime());
        all.forEach(each -> each.answer().completeExceptionally(reason));
    }

    private void fail(List<Waiting> batch, Throwable reason) {
        unused.asked(asked(batch), System.nanoTime());
        batch.forEach(each -> each.answer().completeExceptionally(reason));
    }

    private static List<UnusedClaims.Asked> asked(List<Waiting> all) {
        return all.stream().map(Waiting::asked).toList();
    }

    private void giveUpUntilClosed(Predicate<TopicPartition> here) {
        while (!closed) {
            try {
                Thread.sleep(GIVE_UP_INTERVAL);
                giveUpUseless(here);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void giveUpUseless(Predicate<TopicPartition> here) {
        var useless = unused.takeUseless(System.nanoTime(), here);
        if (useless.isEmpty()) {
            return;
        }
        try {
            giveUp.accept(useless);
        } catch (RuntimeException | Error e) {
            useless.forEach(unused::useless);
            if (!(e instanceof UnavailableException)) {
                LOG.atError().setCause(e).log("giving up claims broke; it will be tried again");
            }
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
