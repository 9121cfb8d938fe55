package io.aerodb.functions.gateway.outcome;

import io.aerodb.functions.admission.Caller;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationLog;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Finds invocations on behalf of a caller, and waits for them where that is wanted. */
public final class InvocationLookup {

    /** How long a row may take from the outcome log to the database until its id is called unknown. */
    private static final Duration RECORDING = Duration.ofSeconds(2);
    /** An id that is older has been recorded, or never will be. */
    private static final Duration FRESH = Duration.ofMinutes(1);

    private final InvocationLog log;
    private final InvocationWatch watch;
    private final BlockingCalls threads;
    private final Clock clock;

    public InvocationLookup(InvocationLog log, InvocationWatch watch, BlockingCalls threads, Clock clock) {
        this.log = log;
        this.watch = watch;
        this.threads = threads;
        this.clock = clock;
    }

    /**
     * Call on an event loop; the future completes there.
     *
     * @param caller who must be allowed to see it
     * @param patience how long to wait for its end; zero to be told at once how far it is
     * @return as it is when it has ended or the time is over; fails with a {@link ProblemException} 404 if it is not there, or not for
     *     this caller to see
     */
    public Future<StoredInvocation> find(RoutingContext context, Identity caller, Duration patience) {
        var text = context.pathParam("id");
        var counted = Authenticator.counted(caller, context.request());
        var until = System.nanoTime() + patience.toNanos();
        return InvocationId.parse(text)
                .map(id -> threads.run(() -> StoredInvocation.find(log, id))
                        .compose(found -> found.isPresent() ? Future.succeededFuture(found) : appearance(context, counted, id, patience))
                        .map(found -> found.filter(invocation -> invocation.isVisibleTo(caller)).orElseThrow(() -> notFound(text)))
                        .compose(found -> end(context, counted, found, Duration.ofNanos(until - System.nanoTime()))))
                .orElseGet(() -> Future.failedFuture(notFound(text)));
    }

    private Future<Optional<StoredInvocation>> appearance(RoutingContext context, Caller caller, InvocationId id, Duration patience) {
        var now = clock.instant();
        return mayBeFresh(id, now)
                ? watch.await(context, caller, id, id.time().orElse(now), _ -> true, patience.compareTo(RECORDING) > 0 ? patience : RECORDING)
                : Future.succeededFuture(Optional.empty());
    }

    private static boolean mayBeFresh(InvocationId id, Instant now) {
        return id.time().map(time -> Duration.between(time, now).abs().compareTo(FRESH) < 0).orElse(id.isNamed());
    }

    private Future<StoredInvocation> end(RoutingContext context, Caller caller, StoredInvocation found, Duration patience) {
        if (found.hasEnded() || !patience.isPositive()) {
            return Future.succeededFuture(found);
        }
        return watch.await(context, caller, found.id(), found.entry().acceptedAt(), StoredInvocation::hasEnded, patience)
                .compose(ended -> ended.map(Future::succeededFuture)
                        .orElseGet(() -> threads.run(() -> StoredInvocation.find(log, found.id()).orElse(found))));
    }

    private static ProblemException notFound(String id) {
        return new ProblemException(Problem.invocationNotFound(id));
    }
}
