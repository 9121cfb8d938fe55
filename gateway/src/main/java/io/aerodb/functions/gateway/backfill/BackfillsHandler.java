package io.aerodb.functions.gateway.backfill;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.gateway.backfill.Backfill.Wanted;
import io.aerodb.functions.gateway.backfill.BackfillStore.Added;
import io.aerodb.functions.gateway.backfill.BackfillStore.Keyed;
import io.aerodb.functions.gateway.http.Answers;
import io.aerodb.functions.gateway.http.BlockingCalls;
import io.aerodb.functions.gateway.http.PayloadReader;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.QueryParameters;
import io.aerodb.functions.gateway.idempotency.IdempotencyKey;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.openapi.Operations;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /functions/v1/{name}/triggers/{trigger}/backfill} and {@code /functions/v1/{name}/backfills}: tells triggers of the rows that are there. */
public final class BackfillsHandler {

    private static final Logger LOG = LoggerFactory.getLogger(BackfillsHandler.class);
    private static final int MAX_BODY_BYTES = 16 * 1024;

    private final BackfillStore backfills;
    private final SourceRows rows;
    private final FunctionStore functions;
    private final Authenticator authenticator;
    private final BlockingCalls threads;
    private final Clock clock;

    /**
     * @param source the application's database
     * @param threads for what asks the databases
     */
    public BackfillsHandler(Database database, Database source, FunctionStore functions, Authenticator authenticator, BlockingCalls threads, Clock clock) {
        this.backfills = new BackfillStore(database);
        this.rows = new SourceRows(source);
        this.functions = functions;
        this.authenticator = authenticator;
        this.threads = threads;
        this.clock = clock;
    }

    public void register(Operations operations) {
        operations.handle("startBackfill", this::admit, new PayloadReader(MAX_BODY_BYTES)::read, this::start);
        operations.handle("listBackfills", this::list);
        operations.handle("showBackfill", this::show);
        operations.handle("cancelBackfill", this::cancel);
    }

    private void admit(RoutingContext context) {
        authenticator.service(context.request());
        context.next();
    }

    private void start(RoutingContext context) {
        var caller = authenticator.service(context.request());
        new QueryParameters(context.queryParams()).allowOnly(Set.of());
        var name = new FunctionName(context.pathParam("name"));
        var trigger = context.pathParam("trigger");
        var rate = BackfillBody.rate(PayloadReader.take(context));
        var key = IdempotencyKey.of(context.request());
        threads.answer(context, () -> start(name, trigger, rate, key, caller), added -> answer(context, name, added));
    }

    private Added start(FunctionName name, String triggerText, int rate, Optional<IdempotencyKey> key, Identity caller) {
        var function = function(name);
        var trigger = trigger(function, triggerText);
        var id = trigger.id(function.id());
        var keyed = key.map(it -> new Keyed(it.hash(id, caller), IdempotencyKey.requestHash("backfill", String.valueOf(rate), "", new byte[0])));
        return keyed.flatMap(backfills::first).orElseGet(() -> {
            if (!function.config().enabled()) {
                throw new ProblemException(Problem.cannotBackfill("the function '" + name + "' is disabled: enable it first"));
            }
            var wanted = new Wanted(name.value(), id, trigger.table().toString(), rate, rows.estimate(trigger.table()));
            return backfills.add(InvocationId.at(clock.instant()).value(), wanted, keyed.orElse(null));
        });
    }

    private static DatabaseTrigger trigger(DeployedFunction function, String id) {
        return function.config().triggers().stream().filter(trigger -> trigger.id(function.id()).toString().equalsIgnoreCase(id))
                .filter(DatabaseTrigger.class::isInstance).map(DatabaseTrigger.class::cast).findFirst()
                .orElseThrow(() -> new ProblemException(Problem.triggerNotFound(function.name().value(), id)));
    }

    private void answer(RoutingContext context, FunctionName name, Added added) {
        switch (added) {
            case Added.Started(var backfill) -> {
                LOG.atInfo().addKeyValue("backfill", backfill.id()).addKeyValue("function", name).addKeyValue("table", backfill.wanted().table()).log("started a backfill");
                accepted(context, name, backfill);
            }
            case Added.Repeated(var backfill) -> {
                context.response().putHeader("idempotent-replayed", "true");
                accepted(context, name, backfill);
            }
            case Added.KeyReused _ -> context.fail(new ProblemException(Problem.idempotencyKeyReused()));
            case Added.InTheWay(var running) -> {
                context.response().putHeader("location", path(name, running));
                context.fail(new ProblemException(Problem.backfillRunning(running)));
            }
        }
    }

    private static void accepted(RoutingContext context, FunctionName name, Backfill backfill) {
        context.response().putHeader("location", path(name, backfill.id()));
        Answers.json(context, 202, backfill.toJson());
    }

    private static String path(FunctionName name, UUID backfill) {
        return "/functions/v1/" + name + "/backfills/" + backfill;
    }

    private void list(RoutingContext context) {
        authenticator.service(context.request());
        var name = new FunctionName(context.pathParam("name"));
        var query = new QueryParameters(context.queryParams());
        query.allowOnly(Set.of("limit", "after"));
        var limit = query.limit();
        var after = query.text("after").map(text -> InvocationId.parse(text)
                .orElseThrow(() -> new ProblemException(Problem.invalidRequest("the query parameter 'after' is not the id of a backfill"))).value());
        threads.answer(context, () -> {
            var page = backfills.list(name.value(), after.orElse(null), limit);
            if (page.isEmpty()) {
                function(name);
            }
            return page;
        }, page -> Answers.json(context, 200, new JsonObject()
                .put("backfills", new JsonArray(page.stream().map(Backfill::toJson).toList()))
                .put("next", page.size() < limit ? null : page.getLast().id().toString())));
    }

    private void show(RoutingContext context) {
        authenticator.service(context.request());
        var name = new FunctionName(context.pathParam("name"));
        var id = id(context);
        threads.answer(context, () -> find(name, id), backfill -> Answers.json(context, 200, backfill.toJson()));
    }

    private void cancel(RoutingContext context) {
        authenticator.service(context.request());
        var name = new FunctionName(context.pathParam("name"));
        var id = id(context);
        threads.answer(context, () -> backfills.cancel(name.value(), id).orElseGet(() -> {
            var backfill = find(name, id);
            if (!backfill.state().equals("cancelled")) {
                throw new ProblemException(Problem.alreadyEnded(backfill.state()));
            }
            return backfill;
        }), backfill -> Answers.json(context, 200, backfill.toJson()));
    }

    private DeployedFunction function(FunctionName name) {
        return functions.find(name).orElseThrow(() -> new ProblemException(Problem.functionNotFound(name.value())));
    }

    private Backfill find(FunctionName name, UUID id) {
        return backfills.find(name.value(), id).orElseThrow(() -> new ProblemException(Problem.backfillNotFound(name.value(), id.toString())));
    }

    private static UUID id(RoutingContext context) {
        var text = context.pathParam("id");
        return InvocationId.parse(text).orElseThrow(() -> new ProblemException(Problem.backfillNotFound(context.pathParam("name"), text))).value();
    }
}
