package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionConfigJson;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.FunctionStore.Change;
import io.aerodb.functions.function.FunctionStore.Deployment;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.identity.Authenticator;
import io.aerodb.functions.gateway.module.ModuleCompilation;
import io.aerodb.functions.gateway.module.ModuleIntake;
import io.aerodb.functions.gateway.openapi.Operations;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code POST /functions/v1/deploy}: from an upload to the active version of a function. */
public final class DeployHandler {

    private static final Logger LOG = LoggerFactory.getLogger(DeployHandler.class);

    /** Each may hold a whole module in memory. */
    private static final int MAX_AT_ONCE = 8;
    /** Waiting for a compiler and compiling, at their longest; a thread that is busy for longer is logged. */
    private static final int LONGEST_MINUTES = 11;

    private final FunctionStore store;
    private final Authenticator authenticator;
    private final ModuleIntake intake;
    private final ModuleCompilation compilation;
    private final TableTriggers tableTriggers;
    private final Propagation propagation;
    private final WorkerExecutor threads;
    private final Semaphore places = new Semaphore(MAX_AT_ONCE);
    private final Clock clock;

    public DeployHandler(FunctionStore store, Authenticator authenticator, ModuleIntake intake, ModuleCompilation compilation,
            TableTriggers tableTriggers, Propagation propagation, Vertx vertx, Clock clock) {
        this.store = store;
        this.authenticator = authenticator;
        this.intake = intake;
        this.compilation = compilation;
        this.tableTriggers = tableTriggers;
        this.propagation = propagation;
        this.threads = vertx.createSharedWorkerExecutor("deploy", MAX_AT_ONCE, LONGEST_MINUTES, TimeUnit.MINUTES);
        this.clock = clock;
    }

    public void register(Operations operations) {
        operations.handle("deploy", this::deploy);
    }

    private void deploy(RoutingContext context) {
        authenticator.service(context.request());
        if (!places.tryAcquire()) {
            throw new ProblemException(Problem.tooManyRequests("too many deployments at once; try again"));
        }
        Future.succeededFuture().compose(_ -> Upload.receive(context, ModuleIntake.MAX_MODULE_BYTES)) // gives the place back, whatever it throws
                .compose(parts -> threads.executeBlocking(() -> deploy(parts), false))
                .onComplete(_ -> places.release())
                .onSuccess(deployed -> FunctionJson.answer(context, deployed.deployment().change() == Change.CREATED ? 201 : 200,
                        deployed.deployment().function(), clock.instant(), deployed.nowFull()))
                .onFailure(context::fail);
    }

    /** @param nowFull tables whose replica identity it has set to {@code FULL} */
    private record Deployed(Deployment deployment, Set<String> nowFull) {}

    private Deployed deploy(Upload.Parts parts) {
        var name = new FunctionName(parts.name());
        var config = parts.config().map(FunctionConfigJson::parse).orElse(null);
        var module = intake.accept(parts.wasm());
        var nowFull = config == null ? Set.<String>of() : tableTriggers.prepare(config);
        var artefact = compilation.compile(module).orElse(null);
        var before = store.find(name).map(DeployedFunction::config).orElse(FunctionConfig.DEFAULT);
        var deployment = store.deploy(name, module.wasm(), module.hash(), artefact, config);
        propagation.propagate(name, before, deployment.function().config());
        LOG.atInfo().addKeyValue("function", name).addKeyValue("version", deployment.function().version())
                .addKeyValue("change", deployment.change()).log("deployed");
        return new Deployed(deployment, nowFull);
    }
}
