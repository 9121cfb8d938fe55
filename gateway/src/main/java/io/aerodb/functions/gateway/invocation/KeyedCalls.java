package io.aerodb.functions.gateway.invocation;

import io.aerodb.functions.gateway.http.Answers;
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
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/** Calls with an {@code Idempotency-Key}: the first runs, a repeat is answered with what became of the first. */
public final class KeyedCalls {

    /** The first call must have given up before another one waits for the same invocation. */
    private static final Duration AFTER_DEADLINE = Duration.ofSeconds(1);

    private final IdempotentStart start;
    private final StoredResults results;
    private final BlockingCalls threads;
    private final BlockingCalls readers;
    private final AtomicInteger open = new AtomicInteger();

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
        open.incrementAndGet();
        return threads.run(() -> start.decide(candidate)).compose(step -> switch (step) {
            case Step.Run first -> run.apply(context, first.of(request)).recover(failure -> threads
                    .run(() -> start.withdraw(candidate, first.id())).transform(_ -> Future.failedFuture(failure)));
            case Step.KeyReused _ -> Future.failedFuture(new ProblemException(Problem.idempotencyKeyReused()));
            case Step.Unheard(var id) -> AsyncCalls.inProgress(context, id);
            case Step.Recorded(var first) when options.async() -> repeatAccepted(context, first);
            case Step.Recorded(var first) when !first.hasEnded() -> AsyncCalls.inProgress(context, first.id());
            case Step.Recorded(var first) -> repeatOfEnded(context, first);
        }).onComplete(_ -> open.decrementAndGet());
    }

    /** Calls that have not been answered, those included that still ask the database what they are. */
    int open() {
        return open.get();
    }

    private static Candidate candidate(InvocationRequest request, CallOptions options) {
        HttpCall http = Objects.requireNonNull(request.http());
        var key = options.key().orElseThrow().hash(request.function().functionId(), request.identity());
        var hash = IdempotencyKey.requestHash(http.method(), http.path(), http.query(), request.payload());
        return options.async() ? Candidate.published(key, hash, request.id(), request.acceptedAt())
                : new Candidate(key, hash, request.id(), request.acceptedAt(), request.deadline().plus(AFTER_DEADLINE));
    }

    private Future<Void> repeatOfEnded(RoutingContext context, StoredInvocation ended) {
        return readers.run(() -> results.answer(ended)).map(answer -> {
            replayed(context);
            Answers.identify(context.response(), ended.id(), ended.entry().version());
            answer.send(context);
            return null;
        });
    }

    private static Future<Void> repeatAccepted(RoutingContext context, StoredInvocation first) {
        var entry = first.entry();
        replayed(context);
        context.response().putHeader("preference-applied", "respond-async");
        AsyncCalls.accepted(context, first.id(), entry.function(), entry.version(), entry.status());
        return Future.succeededFuture();
    }

    private static void replayed(RoutingContext context) {
        context.response().putHeader("idempotent-replayed", "true");
    }
}
