package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.idempotency.IdempotencyKey;
import io.aerodb.functions.gateway.idempotency.IdempotentStart;
import io.aerodb.functions.gateway.idempotency.IdempotentStart.Candidate;
import io.aerodb.functions.gateway.idempotency.IdempotentStart.Step;
import io.aerodb.functions.gateway.outcome.StoredInvocation;
import io.aerodb.functions.gateway.outcome.StoredResults;
import io.aerodb.functions.invocation.HttpCall;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationStatus;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BiFunction;

/** Calls with an {@code Idempotency-Key}: the first runs, a repeat is answered with what became of the first. */
public final class KeyedCalls {

    /** A request goes to the log right after its key to the database; if it is not there by then, it was lost in between. */
    private static final Duration PUBLISHED_WITHIN = Duration.ofSeconds(10);
    /** The first call must have given up before another one waits for the same invocation. */
    private static final Duration AFTER_DEADLINE = Duration.ofSeconds(1);

    private final IdempotentStart start;
    private final StoredResults results;
    private final BlockingCalls threads;
    private final BlockingCalls readers;

    /**
     * @param threads for what asks the database
     * @param readers for what reads results
     */
    public KeyedCalls(IdempotentStart start, StoredResults results, BlockingCalls threads, BlockingCalls readers) {
        this.start = start;
        this.results = results;
        this.threads = threads;
        this.readers = readers;
    }

    /**
     * @param request as it is to run if it is the first
     * @param run puts a request on the log and answers; fails, with nothing answered, if Kafka did not take it
     */
    Future<Void> answer(RoutingContext context, InvocationRequest request, CallOptions options,
            BiFunction<RoutingContext, InvocationRequest, Future<Void>> run) {
        var candidate = candidate(request, options);
        return threads.run(() -> start.decide(candidate)).compose(step -> switch (step) {
            case Step.Run(var first) -> run.apply(context, first).recover(failure -> threads
                    .run(() -> withdraw(candidate, first)).transform(_ -> Future.failedFuture(failure)));
            case Step.KeyReused _ -> Future.failedFuture(new ProblemException(Problem.idempotencyKeyReused()));
            case Step.InProgress(var id) -> repeatInProgress(context, id, request, options);
            case Step.Ended(var ended) -> repeatOfEnded(context, ended, options);
        });
    }

    private static Candidate candidate(InvocationRequest request, CallOptions options) {
        HttpCall http = Objects.requireNonNull(request.http());
        return new Candidate(
                options.key().orElseThrow().hash(request.function().functionId(), request.identity()),
                IdempotencyKey.requestHash(http.method(), http.path(), http.query(), request.payload()),
                request,
                options.async() ? request.acceptedAt().plus(PUBLISHED_WITHIN) : request.deadline().plus(AFTER_DEADLINE));
    }

    private boolean withdraw(Candidate candidate, InvocationRequest request) {
        start.withdraw(candidate, request);
        return true;
    }

    private static Future<Void> repeatInProgress(RoutingContext context, InvocationId id, InvocationRequest request, CallOptions options) {
        if (options.async()) {
            repeatAccepted(context, id, request.function().name().value(), request.function().version(), InvocationStatus.ACCEPTED.label());
            return Future.succeededFuture();
        }
        context.response().putHeader("location", AsyncCalls.location(id));
        return Future.failedFuture(new ProblemException(Problem.inProgress().about(id)));
    }

    private Future<Void> repeatOfEnded(RoutingContext context, StoredInvocation ended, CallOptions options) {
        var entry = ended.entry();
        if (options.async()) {
            repeatAccepted(context, ended.id(), entry.function(), entry.version(), entry.status());
            return Future.succeededFuture();
        }
        return readers.run(() -> results.answer(ended)).map(answer -> {
            replayed(context);
            InvocationResponse.identify(context.response(), ended.id(), entry.version());
            answer.send(context);
            return null;
        });
    }

    private static void repeatAccepted(RoutingContext context, InvocationId id, String function, int version, String status) {
        replayed(context);
        context.response().putHeader("preference-applied", "respond-async");
        AsyncCalls.accepted(context, id, function, version, status);
    }

    private static void replayed(RoutingContext context) {
        context.response().putHeader("idempotent-replayed", "true");
    }
}
