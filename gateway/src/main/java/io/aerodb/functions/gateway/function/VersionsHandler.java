package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.function.FunctionVersion;
import io.aerodb.functions.function.FunctionVersions;
import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.QueryParameters;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.openapi.Operations;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** {@code /functions/v1/{name}/versions}: what was deployed before, and going back to it. */
public final class VersionsHandler {

    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

    private final FunctionVersions versions;
    private final FunctionRegistry registry;
    private final FunctionChanges changes;
    private final Authenticator authenticator;
    private final BlockingCalls threads;
    private final Clock clock;

    /** @param threads for what asks the database */
    public VersionsHandler(FunctionVersions versions, FunctionRegistry registry, FunctionChanges changes, Authenticator authenticator,
            BlockingCalls threads, Clock clock) {
        this.versions = versions;
        this.registry = registry;
        this.changes = changes;
        this.authenticator = authenticator;
        this.threads = threads;
        this.clock = clock;
    }

    public void register(Operations operations) {
        operations.handle("listVersions", this::list);
        operations.handle("activateVersion", this::activate);
    }

    private void list(RoutingContext context) {
        authenticator.service(context.request());
        var name = new FunctionName(context.pathParam("name"));
        var query = new QueryParameters(context.queryParams());
        query.allowOnly(Set.of("limit", "after"));
        var limit = query.limit();
        var before = query.text("after").map(VersionsHandler::cursor).orElse(Integer.MAX_VALUE);
        threads.answer(context, () -> {
            var found = versions.list(name, before, limit + 1); // one more tells whether there is another page
            if (found.isEmpty() && registry.find(name).isEmpty()) {
                throw new ProblemException(Problem.functionNotFound(name.value()));
            }
            return found;
        }, found -> Answers.json(context, 200, page(found, limit)));
    }

    private void activate(RoutingContext context) {
        authenticator.service(context.request());
        var name = new FunctionName(context.pathParam("name"));
        new QueryParameters(context.queryParams()).allowOnly(Set.of());
        var expected = IfMatch.of(context.request());
        var number = context.pathParam("version");
        if (!NUMBER.matcher(number).matches()) {
            throw new ProblemException(Problem.noSuchVersion(name.value(), number));
        }
        var version = Integer.parseInt(number);
        threads.answer(context, () -> changes.settle(name, versions.planned(name, version), () -> versions.activate(name, version, expected), "activated"),
                settled -> FunctionJson.answer(context, 200, settled.function(), clock.instant(), settled.nowFull()));
    }

    private static JsonObject page(List<FunctionVersion> found, int limit) {
        var shown = new JsonArray();
        var page = found.subList(0, Math.min(limit, found.size()));
        page.forEach(version -> shown.add(FunctionJson.version(version)));
        return new JsonObject()
                .put("versions", shown)
                .put("next", found.size() > limit ? String.valueOf(page.getLast().number()) : null);
    }

    private static int cursor(String text) {
        if (!NUMBER.matcher(text).matches()) {
            throw new ProblemException(Problem.invalidRequest("the query parameter 'after' is not the number of a version"));
        }
        return Integer.parseInt(text);
    }
}
