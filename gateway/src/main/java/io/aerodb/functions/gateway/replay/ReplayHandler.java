package io.aerodb.functions.gateway.replay;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.QueryParameters;
import io.aerodb.functions.gateway.idempotency.IdempotencyKey;
import io.aerodb.functions.gateway.idempotency.IdempotentStart.Candidate;
import io.aerodb.functions.gateway.idempotency.IdempotentStart.Step;
import io.aerodb.functions.gateway.idempotency.IdempotentStart;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.invocation.AsyncCalls;
import io.aerodb.functions.gateway.lane.EventsLane;
import io.aerodb.functions.gateway.outcome.InvocationLookup;
import io.aerodb.functions.gateway.outcome.StoredInvocation;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.ReplayMarks.Mark;
import io.aerodb.functions.invocation.ReplayMarks;
import io.aerodb.functions.kafka.StoredRequest.Readable;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code POST /functions/v1/invocations/{id}/replay}: runs one recorded request again. */
final class ReplayHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayHandler.class);
    private static final Duration PUBLISHED_WITHIN = Duration.ofSeconds(10);

    private final InvocationLookup lookup;
    private final SingleReplay replay;
    private final Database database;
    private final IdempotentStart start;
    private final EventsLane lane;
    private final Authenticator authenticator;
    private final BlockingCalls threads;
    private final BlockingCalls readers;

    /**
     * @param threads for what asks the database
     * @param readers for what reads requests
     */
    ReplayHandler(InvocationLookup lookup, SingleReplay replay, Database database, IdempotentStart start, EventsLane lane,
            Authenticator authenticator, BlockingCalls threads, BlockingCalls readers) {
        this.lookup = lookup;
        this.replay = replay;
        this.database = database;
        this.start = start;
        this.lane = lane;
        this.authenticator = authenticator;
        this.threads = threads;
        this.readers = readers;
    }

    void mount(Router router) {
        router.post("/functions/v1/invocations/:id/replay").handler(this::replay);
    }

    private void replay(RoutingContext context) {
        var caller = authenticator.service(context.request());
        var query = new QueryParameters(context.queryParams());
        query.allowOnly(Set.of("version"));
        var choice = VersionChoice.of(query);
        var key = IdempotencyKey.of(context.request());
        lookup.find(context, caller, Duration.ZERO)
                .compose(original -> ended(original)
                        .compose(_ -> readers.run(() -> replay.prepare(original.entry(), choice)))
                        .compose(recorded -> start(context, original, recorded, key, caller, query.text("version").orElse(""))))
                .onFailure(context::fail);
    }

    /** While it may still run by itself, a second run beside it is hardly what anybody wants. */
    private static Future<StoredInvocation> ended(StoredInvocation original) {
        return original.hasEnded() ? Future.succeededFuture(original)
                : Future.failedFuture(new ProblemException(Problem.inProgress().about(original.id())));
    }

    private Future<Void> start(
            RoutingContext context, StoredInvocation original, Readable recorded, Optional<IdempotencyKey> key, Identity caller, String version) {
        if (key.isEmpty()) {
            return publish(context, original, recorded);
        }
        var request = recorded.request();
        var candidate = new Candidate(
                key.get().hash(original.id().value(), caller),
                IdempotencyKey.requestHash("replay", version, "", new byte[0]),
                request,
                request.acceptedAt().plus(PUBLISHED_WITHIN));
        return threads.run(() -> start.decide(candidate)).compose(step -> switch (step) {
            case Step.Run(var first) -> publish(context, original, new Readable(first, recorded.key()));
            case Step.KeyReused _ -> Future.failedFuture(new ProblemException(Problem.idempotencyKeyReused()));
            case Step.InProgress(var id) -> repeated(context, id, recorded, InvocationStatus.ACCEPTED.label());
            case Step.Ended(var ended) -> repeated(context, ended.id(), recorded, ended.entry().status());
        });
    }

    private Future<Void> publish(RoutingContext context, StoredInvocation original, Readable recorded) {
        var request = recorded.request();
        return lane.accept(request, recorded.key())
                .compose(_ -> threads.run(() -> mark(original.entry(), request.id())).recover(failure -> {
                    LOG.atWarn().addKeyValue("invocationId", original.id()).addKeyValue("replay", request.id()).setCause(failure)
                            .log("a replay is on the log, but its original could not be marked as replayed");
                    return Future.succeededFuture(request.id());
                }))
                .map(_ -> {
                    answer(context, request.id(), recorded, InvocationStatus.ACCEPTED.label());
                    return null;
                });
    }

    private InvocationId mark(InvocationEntry original, InvocationId replay) {
        return database.inTransaction(connection -> {
            ReplayMarks.write(connection, List.of(new Mark(original.id(), original.acceptedAt(), replay.value())));
            return replay;
        });
    }

    private static Future<Void> repeated(RoutingContext context, InvocationId id, Readable recorded, String status) {
        context.response().putHeader("idempotent-replayed", "true");
        answer(context, id, recorded, status);
        return Future.succeededFuture();
    }

    private static void answer(RoutingContext context, InvocationId id, Readable recorded, String status) {
        AsyncCalls.accepted(context, id, recorded.request().function().name().value(), recorded.request().function().version(), status);
    }
}
