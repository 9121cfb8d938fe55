package io.aerodb.functions.gateway.replay;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.PayloadReader;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.QueryParameters;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.replay.BulkReplay.Wanted;
import io.aerodb.functions.invocation.InvocationId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.Set;
import java.util.UUID;

/** {@code /functions/v1/replays}: runs many recorded requests again, at a pace. */
final class BulkReplaysHandler {

    private static final String PATH = "/functions/v1/replays";
    private static final int MAX_BODY_BYTES = 16 * 1024;

    private final BulkReplays replays;
    private final FunctionRegistry functions;
    private final FunctionStore store;
    private final Authenticator authenticator;
    private final BlockingCalls threads;
    private final Clock clock;

    BulkReplaysHandler(BulkReplays replays, FunctionRegistry functions, FunctionStore store, Authenticator authenticator, BlockingCalls threads,
            Clock clock) {
        this.replays = replays;
        this.functions = functions;
        this.store = store;
        this.authenticator = authenticator;
        this.threads = threads;
        this.clock = clock;
    }

    void mount(Router router) {
        router.post(PATH).handler(this::admit).handler(new PayloadReader(MAX_BODY_BYTES)::read).handler(this::add);
        router.get(PATH).handler(this::list);
        router.get(PATH + "/:id").handler(this::show);
        router.delete(PATH + "/:id").handler(this::cancel);
    }

    private void admit(RoutingContext context) {
        authenticator.service(context.request());
        context.next();
    }

    private void add(RoutingContext context) {
        var now = clock.instant();
        var wanted = BulkReplayBody.parse(PayloadReader.take(context), now);
        threads.answer(context, () -> {
            check(wanted);
            return replays.add(InvocationId.at(now).value(), wanted);
        }, replay -> {
            context.response().putHeader("location", PATH + "/" + replay.id());
            Answers.json(context, 202, replay.toJson());
        });
    }

    private void check(Wanted wanted) {
        var name = new FunctionName(wanted.function());
        if (functions.find(name).isEmpty()) {
            throw new ProblemException(Problem.functionNotFound(name.value()));
        }
        if (wanted.version() != null && store.findVersion(name, wanted.version()).isEmpty()) {
            throw new ProblemException(Problem.versionNotFound(name.value(), wanted.version().toString()));
        }
    }

    private void list(RoutingContext context) {
        authenticator.service(context.request());
        var query = new QueryParameters(context.queryParams());
        query.allowOnly(Set.of("limit", "after"));
        var limit = query.limit();
        var after = query.text("after").map(text -> InvocationId.parse(text)
                .orElseThrow(() -> new ProblemException(Problem.invalidRequest("the query parameter 'after' is not the id of a replay"))).value());
        threads.answer(context, () -> replays.list(after.orElse(null), limit), page -> Answers.json(context, 200, new JsonObject()
                .put("replays", new JsonArray(page.stream().map(BulkReplay::toJson).toList()))
                .put("next", page.size() < limit ? null : page.getLast().id().toString())));
    }

    private void show(RoutingContext context) {
        authenticator.service(context.request());
        var id = id(context);
        threads.answer(context, () -> find(id), replay -> Answers.json(context, 200, replay.toJson()));
    }

    private void cancel(RoutingContext context) {
        authenticator.service(context.request());
        var id = id(context);
        threads.answer(context, () -> replays.cancel(id).orElseGet(() -> {
            var replay = find(id);
            if (!replay.state().equals("cancelled")) {
                throw new ProblemException(Problem.alreadyEnded(replay.state()));
            }
            return replay;
        }), replay -> Answers.json(context, 200, replay.toJson()));
    }

    private BulkReplay find(UUID id) {
        return replays.find(id).orElseThrow(() -> new ProblemException(Problem.replayNotFound(id.toString())));
    }

    private static UUID id(RoutingContext context) {
        var text = context.pathParam("id");
        return InvocationId.parse(text).orElseThrow(() -> new ProblemException(Problem.replayNotFound(text))).value();
    }
}
