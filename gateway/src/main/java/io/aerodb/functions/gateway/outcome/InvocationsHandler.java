package io.aerodb.functions.gateway.outcome;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.QueryParameters;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.lane.EventsLane;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.invocation.InvocationStatus;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/** {@code /functions/v1/invocations}: how far invocations are, what came of them, and calling them off. */
public final class InvocationsHandler {

    private static final String PATH = "/functions/v1/invocations";
    private static final String ONE = PATH + "/:id";
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private final InvocationLookup lookup;
    private final StoredResults results;
    private final Cancellation cancellation;
    private final InvocationLog log;
    private final EventsLane lane;
    private final Authenticator authenticator;
    private final BlockingCalls threads;
    private final BlockingCalls readers;
    private final Clock clock;

    /**
     * @param threads for what asks the database
     * @param readers for what reads results
     */
    public InvocationsHandler(InvocationLookup lookup, StoredResults results, Database database, EventsLane lane, Authenticator authenticator,
            BlockingCalls threads, BlockingCalls readers, Clock clock) {
        this.lookup = lookup;
        this.results = results;
        this.cancellation = new Cancellation(database);
        this.log = new InvocationLog(database);
        this.lane = lane;
        this.authenticator = authenticator;
        this.threads = threads;
        this.readers = readers;
        this.clock = clock;
    }

    public void mount(Router router) {
        router.get(PATH).handler(this::search);
        router.get(ONE).handler(this::show);
        router.get(ONE + "/result").handler(this::result);
        router.delete(ONE).handler(this::cancel);
    }

    private void search(RoutingContext context) {
        authenticator.service(context.request());
        var search = LogQuery.parse(new QueryParameters(context.queryParams()));
        threads.answer(context, () -> InvocationJson.page(log, search), page -> Answers.json(context, 200, page));
    }

    private void show(RoutingContext context) {
        lookup.find(context, authenticator.callerOfToken(context.request()), patience(context))
                .compose(this::withResult)
                .onSuccess(json -> Answers.json(context, 200, json))
                .onFailure(context::fail);
    }

    private Future<JsonObject> withResult(StoredInvocation invocation) {
        return shown(invocation).compose(json -> invocation.hasEnded()
                ? readers.run(() -> json.put("result", results.find(invocation).map(InvocationAnswer::toJson).orElse(null)))
                : Future.succeededFuture(json.putNull("result")));
    }

    private Future<JsonObject> shown(StoredInvocation invocation) {
        return threads.run(() -> InvocationJson.of(log, invocation.entry()));
    }

    private void result(RoutingContext context) {
        lookup.find(context, authenticator.callerOfToken(context.request()), patience(context))
                .compose(invocation -> {
                    Answers.identify(context.response(), invocation.id(), invocation.entry().version());
                    if (!invocation.hasEnded()) {
                        throw new ProblemException(Problem.inProgress().about(invocation.id()));
                    }
                    return readers.run(() -> results.answer(invocation));
                })
                .onSuccess(answer -> answer.send(context))
                .onFailure(context::fail);
    }

    private void cancel(RoutingContext context) {
        new QueryParameters(context.queryParams()).allowOnly(Set.of());
        Identity caller = authenticator.callerOfToken(context.request());
        lookup.find(context, caller, Duration.ZERO)
                .compose(invocation -> cancel(invocation).compose(_ -> lookup.find(context, caller, Duration.ZERO)))
                .compose(this::shown)
                .onSuccess(json -> Answers.json(context, 200, json))
                .onFailure(context::fail);
    }

    /** Calling off what has been called off changes nothing. */
    private Future<StoredInvocation> cancel(StoredInvocation invocation) {
        if (invocation.is(InvocationStatus.CANCELLED)) {
            return Future.succeededFuture(invocation);
        }
        if (invocation.hasEnded()) {
            return Future.failedFuture(new ProblemException(Problem.alreadyEnded(invocation.entry().status()).about(invocation.id())));
        }
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var end = lane.cancelled(invocation.entry(), invocation.nextAttempt(), now);
        return threads.run(() -> cancellation.cancel(end)).map(cancelled -> {
            if (!cancelled) {
                throw new ProblemException(Problem.alreadyStarted().about(invocation.id()));
            }
            lane.tell(end);
            return invocation;
        });
    }

    private static Duration patience(RoutingContext context) {
        var query = new QueryParameters(context.queryParams());
        query.allowOnly(Set.of("wait"));
        return query.duration("wait", LONGEST_WAIT);
    }
}
