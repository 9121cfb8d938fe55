package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.QueryParameters;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.openapi.Operations;
import io.aerodb.functions.gateway.outcome.InvocationJson;
import io.aerodb.functions.gateway.outcome.LogQuery;
import io.aerodb.functions.invocation.InvocationLog;
import io.vertx.core.Handler;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.Set;
import java.util.regex.Pattern;

/** What the owner of the functions may ask and do, apart from deploying. */
public final class FunctionsHandler {

    private static final Pattern CURSOR = Pattern.compile("[a-z0-9_-]{0,63}");

    private final FunctionStore store;
    private final FunctionRegistry registry;
    private final Propagation propagation;
    private final InvocationLog log;
    private final Authenticator authenticator;
    private final BlockingCalls threads;
    private final Clock clock;

    /** @param threads for what asks the database */
    public FunctionsHandler(FunctionStore store, FunctionRegistry registry, Propagation propagation, InvocationLog log,
            Authenticator authenticator, BlockingCalls threads, Clock clock) {
        this.store = store;
        this.registry = registry;
        this.propagation = propagation;
        this.log = log;
        this.authenticator = authenticator;
        this.threads = threads;
        this.clock = clock;
    }

    /** @param live answers those who want to follow the logs, and goes on for all others */
    public void register(Operations operations, Handler<RoutingContext> live) {
        operations.handle("listFunctions", this::list);
        operations.handle("describeFunction", this::describe);
        operations.handle("removeFunction", this::delete);
        operations.handle("functionLogs", live, this::logs);
    }

    private void list(RoutingContext context) {
        authenticator.service(context.request());
        var query = new QueryParameters(context.queryParams());
        query.allowOnly(Set.of("limit", "after"));
        var limit = query.limit();
        var after = query.text("after").map(FunctionsHandler::cursor).orElse("");
        threads.answer(context, () -> store.list(after, limit + 1), found -> { // one more tells whether there is another page
            var functions = new JsonArray();
            var page = found.subList(0, Math.min(limit, found.size()));
            page.forEach(function -> functions.add(FunctionJson.metadata(function)));
            Answers.json(context, 200, new JsonObject()
                    .put("functions", functions)
                    .put("next", found.size() > limit ? page.getLast().name().value() : null));
        });
    }

    private void describe(RoutingContext context) {
        authenticator.service(context.request());
        var name = name(context);
        threads.answer(context, () -> store.find(name).orElseThrow(() -> notFound(name)),
                function -> FunctionJson.answer(context, 200, function, clock.instant()));
    }

    private void delete(RoutingContext context) {
        authenticator.service(context.request());
        var name = name(context);
        threads.answer(context, () -> {
            var before = store.find(name).orElseThrow(() -> notFound(name));
            if (!store.delete(name)) {
                throw notFound(name);
            }
            propagation.propagate(name, before.config(), FunctionConfig.DEFAULT);
            return name;
        }, _ -> context.response().setStatusCode(204).end());
    }

    private void logs(RoutingContext context) {
        authenticator.service(context.request());
        var name = name(context);
        var search = LogQuery.parse(name, new QueryParameters(context.queryParams()));
        threads.answer(context, () -> {
            var page = InvocationJson.page(log, search);
            if (page.getJsonArray("invocations").isEmpty() && registry.find(name).isEmpty() && !log.knows(name)) {
                throw notFound(name);
            }
            return page;
        }, page -> Answers.json(context, 200, page));
    }

    /** Any beginning of a name, and none at all. */
    private static String cursor(String text) {
        if (!CURSOR.matcher(text).matches()) {
            throw new ProblemException(Problem.invalidRequest("the query parameter 'after' is not the name of a function"));
        }
        return text;
    }

    private static FunctionName name(RoutingContext context) {
        return new FunctionName(context.pathParam("name"));
    }

    private static ProblemException notFound(FunctionName name) {
        return new ProblemException(Problem.functionNotFound(name.value()));
    }
}
