package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Outcome.Rejection;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.telemetry.TraceSpan;
import io.aerodb.functions.telemetry.TraceSpan.Kind;
import io.aerodb.functions.telemetry.Tracing;
import io.aerodb.functions.worker.environment.Environments;
import io.aerodb.functions.worker.module.ModuleCache;
import io.aerodb.functions.worker.wasm.CompiledModule;
import io.aerodb.functions.worker.wasm.GuestCall;
import io.aerodb.functions.worker.wasm.ModuleRejectedException;
import io.aerodb.functions.worker.wasm.Sandbox;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the function that a request asks for, with all that belongs to it. Thread-safe; runs on guest threads. */
public final class FunctionRunner {

    private static final Logger LOG = LoggerFactory.getLogger(FunctionRunner.class);

    private final FunctionRegistry functions;
    private final ModuleCache modules;
    private final Environments environments;
    private final InvocationServices services;
    private final Sandbox sandbox;
    private final Tracing tracing;
    private final Clock clock;

    public FunctionRunner(FunctionRegistry functions, ModuleCache modules, Environments environments, InvocationServices services,
            Sandbox sandbox, Tracing tracing, Clock clock) {
        this.functions = functions;
        this.modules = modules;
        this.environments = environments;
        this.services = services;
        this.sandbox = sandbox;
        this.tracing = tracing;
        this.clock = clock;
    }

    /**
     * @param execution with nothing in it that must not show
     * @param runAs the identity of its queries; null where it was not run
     * @param memoryLimitBytes what it might have; empty where it was not run
     */
    record Run(Execution execution, @Nullable Identity runAs, OptionalLong memoryLimitBytes) {

        static Run notRun(Outcome outcome) {
            return new Run(Execution.notRun(outcome), null, OptionalLong.empty());
        }

        private static Run rejected(Rejection reason, String message) {
            return notRun(new Outcome.Rejected(reason, message));
        }
    }

    /** A function with the configuration of the version that is to run. */
    record Target(DeployedFunction function, FunctionConfig config) {}

    /**
     * What a request asks for; seldom asks the database.
     *
     * @return empty if the function was removed or disabled since
     * @throws UnavailableException if it cannot be told for now
     */
    Optional<Target> find(VersionRef version) {
        return functions.find(version.name())
                .filter(found -> found.id().equals(version.functionId()) && found.config().enabled())
                .map(found -> new Target(found, functions.config(found, version)));
    }

    /**
     * Every way in which this can end is an outcome.
     *
     * @throws InterruptedException if the thread was interrupted by anyone but the sandbox; the function was stopped
     */
    Run run(InvocationRequest request, Instant now) throws InterruptedException {
        return run(request, now, () -> find(request.function()));
    }

    /** The same for a target that was found before. */
    Run run(InvocationRequest request, Instant now, Supplier<Optional<Target>> target) throws InterruptedException {
        var remaining = Duration.between(now, request.deadline());
        if (!remaining.isPositive()) {
            return Run.notRun(new Outcome.Expired("the deadline had passed before a worker was free: not_started"));
        }
        var span = tracing.begin(request.function().name().value(), Kind.INTERNAL, request.trace());
        try {
            var run = run(request.within(span.contextOr(request.trace())), target, remaining, span);
            RunAttributes.describe(span, request, run.execution());
            return run;
        } finally {
            span.end();
        }
    }

    private Run run(InvocationRequest request, Supplier<Optional<Target>> target, Duration remaining, TraceSpan span) throws InterruptedException {
        try {
            var found = target.get();
            return found.isPresent()
                    ? run(request, found.get(), remaining, span)
                    : Run.rejected(Rejection.FUNCTION_NOT_FOUND, "the function was removed or disabled before it could be run");
        } catch (UnavailableException e) {
            return Run.rejected(Rejection.UNAVAILABLE, e.getMessage());
        } catch (ModuleRejectedException e) {
            return Run.rejected(Rejection.MODULE_REJECTED, e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.atError().addKeyValue("invocationId", request.id()).addKeyValue("function", request.function().name())
                    .setCause(e).log("an invocation broke");
            return Run.rejected(Rejection.UNAVAILABLE, "the worker failed to run the function");
        }
    }

    private Run run(InvocationRequest request, Target target, Duration remaining, TraceSpan span)
            throws InterruptedException, ModuleRejectedException {
        var module = load(request, remaining, span);
        var config = target.config();
        var environment = environments.of(target.function(), config);
        var runAs = config.runAs().identity(request.identity());
        var execution = sandbox.run(module, new GuestCall(
                request.payload(),
                GuestContext.json(request),
                environment.variables(),
                services.of(request, runAs, config.allowedHosts()),
                config.limits(),
                Duration.between(clock.instant(), request.deadline())));
        return new Run(environment.redactor().redact(execution), runAs, OptionalLong.of(config.limits().memoryBytes()));
    }

    private CompiledModule load(InvocationRequest request, Duration remaining, TraceSpan run) throws InterruptedException, ModuleRejectedException {
        var hash = request.function().module();
        if (!tracing.isOn()) {
            return modules.get(hash, remaining);
        }
        var isCold = !modules.isReady(hash);
        run.put("faas.coldstart", isCold);
        var loading = isCold ? tracing.begin("load module", Kind.INTERNAL, request.trace()) : TraceSpan.none();
        try {
            return modules.get(hash, remaining);
        } finally {
            loading.end();
        }
    }
}
