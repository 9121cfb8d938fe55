package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.QueryParameters;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.outcome.InvocationJson;
import io.aerodb.functions.gateway.outcome.LogQuery;
import io.aerodb.functions.invocation.InvocationLog;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;

/** What the owner of the functions may ask and do, apart from deploying. */
public final class FunctionsHandler {

    private final FunctionStore store;
    private final FunctionRegistry registry;
    private final InvocationLog log;
    private final Authenticator authenticator;
    private final BlockingCalls threads;

    /** @param threads for what asks the database */
    public FunctionsHandler(
            FunctionStore store, FunctionRegistry registry, InvocationLog log, Authenticator authenticator, BlockingCalls threads) {
        this.store = store;
        this.registry = registry;
        this.log = log;
        this.authenticator = authenticator;
        this.threads = threads;
    }

    public void mount(Router router) {
        router.get("/functions/v1").handler(this::list);
        router.get("/functions/v1/:name").handler(this::describe);
        router.delete("/functions/v1/:name").handler(this::delete);
        router.get("/functions/v1/:name/logs").handler(this::logs);
    }

    private void list(RoutingContext context) {
        authenticator.service(context.request());
        var query = new QueryParameters(context.queryParams());
        query.allowOnly(Set.of("limit", "after"));
        var limit = query.limit();
        var after = query.text("after").orElse("");
        threads.answer(context, () -> store.list(after, limit), page -> {
            var functions = new JsonArray();
            page.forEach(function -> functions.add(FunctionJson.metadata(function)));
            Answers.json(context, 200, new JsonObject()
                    .put("functions", functions)
                    .put("next", page.size() < limit ? null : page.getLast().name().value()));
        });
    }

    private void describe(RoutingContext context) {
        authenticator.service(context.request());
        var name = name(context);
        threads.answer(context, () -> store.find(name).orElseThrow(() -> notFound(name)),
                function -> Answers.json(context, 200, FunctionJson.metadata(function)));
    }

    private void delete(RoutingContext context) {
        authenticator.service(context.request());
        var name = name(context);
        threads.answer(context, () -> {
            if (!store.delete(name)) {
                throw notFound(name);
            }
            return registry.reload(name);
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

    private static FunctionName name(RoutingContext context) {
        return new FunctionName(context.pathParam("name"));
    }

    private static ProblemException notFound(FunctionName name) {
        return new ProblemException(Problem.functionNotFound(name.value()));
    }
}
