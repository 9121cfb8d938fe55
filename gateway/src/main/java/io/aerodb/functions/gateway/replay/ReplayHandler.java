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
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.ReplayMarks.Mark;
import io.aerodb.functions.invocation.ReplayMarks;
import io.aerodb.functions.kafka.StoredRequest.Readable;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code POST /functions/v1/invocations/{id}/replay}: runs one recorded request again. */
final class ReplayHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayHandler.class);

    private final InvocationLookup lookup;
    private final SingleReplay replay;
    private final Database database;
    private final IdempotentStart start;
    private final EventsLane lane;
    private final Authenticator authenticator;
    private final BlockingCalls threads;
    private final BlockingCalls readers;
    private final Clock clock;

    /**
     * @param threads for what asks the database
     * @param readers for what reads requests
     */
    ReplayHandler(InvocationLookup lookup, SingleReplay replay, Database database, IdempotentStart start, EventsLane lane,
            Authenticator authenticator, BlockingCalls threads, BlockingCalls readers, Clock clock) {
        this.lookup = lookup;
        this.replay = replay;
        this.database = database;
        this.start = start;
        this.lane = lane;
        this.authenticator = authenticator;
        this.threads = threads;
        this.readers = readers;
        this.clock = clock;
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
                .compose(ReplayHandler::ended)
                .compose(original -> key.isPresent()
                        ? once(context, original, choice, candidate(original, key.get(), caller, query))
                        : publish(original, choice, UnaryOperator.identity()).compose(request -> answer(context, original, request)))
                .onFailure(context::fail);
    }

    /** While it may still run by itself, a second run beside it is hardly what anybody wants. */
    private static Future<StoredInvocation> ended(StoredInvocation original) {
        return original.hasEnded() ? Future.succeededFuture(original)
                : Future.failedFuture(new ProblemException(Problem.inProgress().about(original.id())));
    }

    private Candidate candidate(StoredInvocation original, IdempotencyKey key, Identity caller, QueryParameters query) {
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        return Candidate.published(key.hash(original.id().value(), caller),
                IdempotencyKey.requestHash("replay", query.text("version").orElse(""), "", new byte[0]), InvocationId.at(now), now);
    }

    private Future<Void> once(RoutingContext context, StoredInvocation original, VersionChoice choice, Candidate candidate) {
        return threads.run(() -> start.decide(candidate)).compose(step -> switch (step) {
            case Step.Run first -> publish(original, choice, first::of)
                    .recover(failure -> threads.run(() -> start.withdraw(candidate, first.id())).transform(_ -> Future.failedFuture(failure)))
                    .compose(request -> answer(context, original, request));
            case Step.KeyReused _ -> Future.failedFuture(new ProblemException(Problem.idempotencyKeyReused()));
            case Step.Unheard(var id) -> AsyncCalls.inProgress(context, id);
            case Step.Recorded(var first) -> {
                var entry = first.entry();
                context.response().putHeader("idempotent-replayed", "true");
                AsyncCalls.accepted(context, first.id(), entry.function(), entry.version(), entry.status());
                yield Future.succeededFuture();
            }
        });
    }

    /** @param named gives the request the id that its key stands for */
    private Future<InvocationRequest> publish(StoredInvocation original, VersionChoice choice, UnaryOperator<InvocationRequest> named) {
        return readers.run(() -> replay.prepare(original.entry(), choice)).compose(recorded -> {
            var request = named.apply(recorded.request());
            return lane.accept(request, recorded.key()).map(request);
        });
    }

    private Future<Void> answer(RoutingContext context, StoredInvocation original, InvocationRequest request) {
        return threads.run(() -> mark(original.entry(), request.id())).recover(failure -> {
            LOG.atWarn().addKeyValue("invocationId", original.id()).addKeyValue("replay", request.id()).setCause(failure)
                    .log("a replay is on the log, but its original could not be marked as replayed");
            return Future.succeededFuture(request.id());
        }).map(_ -> {
            var function = request.function();
            AsyncCalls.accepted(context, request.id(), function.name().value(), function.version(), InvocationStatus.ACCEPTED.label());
            return null;
        });
    }

    private InvocationId mark(InvocationEntry original, InvocationId replay) {
        return database.inTransaction(connection -> {
            ReplayMarks.write(connection, List.of(new Mark(original.id(), original.acceptedAt(), replay.value())));
            return replay;
        });
    }
}
