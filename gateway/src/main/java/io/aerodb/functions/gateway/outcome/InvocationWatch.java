package io.aerodb.functions.gateway.outcome;

import io.aerodb.functions.admission.Caller;
import io.aerodb.functions.admission.InFlight;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until invocations have come to where somebody wants them. However many wait, one thread asks the database for all of them at
 * once, on one connection. Thread-safe.
 */
public final class InvocationWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(InvocationWatch.class);
    private static final Duration INTERVAL = Duration.ofMillis(150);
    private static final int MAX_WATCHED = 10_000;
    private static final int MAX_OF_ONE_CALLER = 200;
    /** Ids in one question. */
    private static final int CHUNK = 1000;

    private final InvocationLog log;
    private final Vertx vertx;
    private final Map<Long, Watched> watched = new ConcurrentHashMap<>();
    private final InFlight<Caller> callers = new InFlight<>();
    private final AtomicLong numbers = new AtomicLong();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("invocation-watch").daemon().factory());
    private volatile boolean closed;

    private record Watched(InvocationId id, Instant accepted, Caller caller, Predicate<StoredInvocation> awaited, Context context,
            Promise<Optional<StoredInvocation>> promise, long timer) {}

    public InvocationWatch(InvocationLog log, Vertx vertx) {
        this.log = log;
        this.vertx = vertx;
    }

    public void start() {
        thread.scheduleWithFixedDelay(this::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Call on an event loop; the future completes there, or never if the client of the request goes away.
     *
     * @param caller nobody may keep all others out, except the service
     * @param accepted when that was, give or take an hour: it is looked for nowhere else
     * @return empty if it has not come so far in time, or the gateway is being stopped; fails with a {@link ProblemException} 429 if
     *     too many are waiting already
     */
    Future<Optional<StoredInvocation>> await(
            RoutingContext request, Caller caller, InvocationId id, Instant accepted, Predicate<StoredInvocation> awaited, Duration patience) {
        if (closed) {
            return Future.succeededFuture(Optional.empty());
        }
        if (watched.size() >= MAX_WATCHED || !callers.tryEnter(caller, mostOf(caller))) {
            return Future.failedFuture(new ProblemException(Problem.tooManyRequests("too many requests wait for invocations; try again")));
        }
        var number = numbers.incrementAndGet();
        var promise = Promise.<Optional<StoredInvocation>>promise();
        var timer = vertx.setTimer(Math.max(1, patience.toMillis()), _ -> take(number).ifPresent(one -> one.promise().complete(Optional.empty())));
        watched.put(number, new Watched(id, accepted, caller, awaited, vertx.getOrCreateContext(), promise, timer));
        request.response().closeHandler(_ -> take(number));
        return promise.future();
    }

    private void look() {
        try {
            watched.values().stream()
                    .collect(Collectors.groupingBy(one -> one.accepted().truncatedTo(ChronoUnit.DAYS), Collectors.mapping(Watched::id, Collectors.toSet())))
                    .forEach(this::look);
        } catch (UnavailableException e) {
            LOG.atDebug().setCause(e).log("cannot look after invocations; those who wait go on waiting");
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("looking after invocations broke");
        }
    }

    /** Day by day, since each day has a partition of its own. */
    private void look(Instant day, Set<InvocationId> all) {
        var ids = List.copyOf(all);
        for (var start = 0; start < ids.size(); start += CHUNK) {
            look(day, ids.subList(start, Math.min(ids.size(), start + CHUNK)));
        }
    }

    private void look(Instant day, List<InvocationId> ids) {
        var found = log.find(Set.copyOf(ids), day, day.plus(1, ChronoUnit.DAYS)).stream().map(StoredInvocation::new)
                .collect(Collectors.toMap(StoredInvocation::id, Function.identity(), (_, later) -> later));
        watched.forEach((number, one) -> {
            var invocation = found.get(one.id());
            if (invocation != null && one.awaited().test(invocation)) {
                take(number).ifPresent(_ -> one.context().runOnContext(_ -> one.promise().complete(Optional.of(invocation))));
            }
        });
    }

    private Optional<Watched> take(long number) {
        var one = Optional.ofNullable(watched.remove(number));
        one.ifPresent(found -> {
            vertx.cancelTimer(found.timer());
            callers.leave(found.caller());
        });
        return one;
    }

    private static int mostOf(Caller caller) {
        return switch (caller) {
            case Caller.Service _ -> MAX_WATCHED;
            case Caller.Subject _, Caller.Network _ -> MAX_OF_ONE_CALLER;
        };
    }

    int size() {
        return watched.size();
    }

    /** Whoever waits is told how far it has come. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.shutdownNow();
        watched.keySet().forEach(number -> take(number)
                .ifPresent(one -> one.context().runOnContext(_ -> one.promise().complete(Optional.empty()))));
        thread.awaitTermination(5, TimeUnit.SECONDS);
    }
}
