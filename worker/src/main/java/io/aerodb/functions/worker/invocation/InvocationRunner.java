package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionRegistry;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.CompletedInvocation;
import io.aerodb.functions.invocation.Execution;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Outcome.Rejection;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.UnreadableRecordException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.metrics.FunctionMetrics;
import io.aerodb.functions.worker.database.GuestDatabase;
import io.aerodb.functions.worker.module.ModuleCache;
import io.aerodb.functions.worker.wasm.GuestCall;
import io.aerodb.functions.worker.wasm.ModuleRejectedException;
import io.aerodb.functions.worker.wasm.Sandbox;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes one request record from the log to its outcome. Thread-safe; runs on guest threads. */
final class InvocationRunner {

    private static final Logger LOG = LoggerFactory.getLogger(InvocationRunner.class);

    private final RequestCodec codec;
    private final FunctionRegistry functions;
    private final ModuleCache modules;
    private final Sandbox sandbox;
    private final GuestDatabase database;
    private final OutcomePublisher publisher;
    private final FunctionMetrics metrics;
    private final Clock clock;
    private final String worker;

    InvocationRunner(RequestCodec codec, FunctionRegistry functions, ModuleCache modules, Sandbox sandbox,
            GuestDatabase database, OutcomePublisher publisher, FunctionMetrics metrics, Clock clock, String worker) {
        this.codec = codec;
        this.functions = functions;
        this.modules = modules;
        this.sandbox = sandbox;
        this.database = database;
        this.publisher = publisher;
        this.metrics = metrics;
        this.clock = clock;
        this.worker = worker;
    }

    /**
     * Returns when the function has ended; an interrupt leaves the record undone, for another worker.
     *
     * @param durable called once the outcome is on the log, and never for a record that is left undone
     */
    void run(ConsumerRecord<byte[], byte[]> record, Runnable durable) {
        InvocationRequest request;
        try {
            request = codec.decode(record);
        } catch (UnreadableRecordException e) {
            publisher.deadLetter(record, e.getMessage(), durable);
            return;
        }
        try {
            var started = clock.instant();
            finish(request, record, started, execute(request, started), durable);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @param runAs the identity of its queries; null where it was not run */
    private record Attempt(Execution execution, @Nullable Identity runAs) {

        static Attempt notRun(Outcome outcome) {
            return new Attempt(Execution.notRun(outcome), null);
        }
    }

    private Attempt execute(InvocationRequest request, Instant now) throws InterruptedException {
        var remaining = Duration.between(now, request.deadline());
        if (!remaining.isPositive()) {
            return Attempt.notRun(new Outcome.Expired("the deadline had passed before a worker was free: not_started"));
        }
        try {
            var function = functions.find(request.function().name())
                    .filter(found -> found.id().equals(request.function().functionId()) && found.config().enabled());
            return function.isPresent()
                    ? execute(request, function.get(), remaining)
                    : rejected(Rejection.FUNCTION_NOT_FOUND, "the function was removed or disabled before it could be run");
        } catch (UnavailableException e) {
            return rejected(Rejection.UNAVAILABLE, e.getMessage());
        } catch (ModuleRejectedException e) {
            return rejected(Rejection.MODULE_REJECTED, e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.atError().addKeyValue("invocationId", request.id()).addKeyValue("function", request.function().name())
                    .setCause(e).log("an invocation broke");
            return rejected(Rejection.UNAVAILABLE, "the worker failed to run the function");
        }
    }

    private Attempt execute(InvocationRequest request, DeployedFunction function, Duration remaining)
            throws InterruptedException, ModuleRejectedException {
        var module = modules.get(request.function().module(), remaining);
        var config = functions.config(function, request.function());
        var runAs = config.runAs().identity(request.identity());
        var execution = sandbox.run(module, new GuestCall(
                request.payload(),
                GuestContext.json(request),
                config.env(),
                new CallerServices(runAs, database),
                config.limits(),
                Duration.between(clock.instant(), request.deadline())));
        return new Attempt(execution, runAs);
    }

    private void finish(InvocationRequest request, ConsumerRecord<byte[], byte[]> record, Instant started, Attempt attempt, Runnable durable) {
        var execution = attempt.execution();
        var finished = clock.instant();
        var outcome = execution.outcome();
        var ran = !execution.run().isZero();
        var queue = notNegative(Duration.between(request.acceptedAt(), finished).minus(execution.run()));
        metrics.ended(request.function().name(), request.trigger(), queue, execution);
        var completed = new CompletedInvocation(
                request.id().value(),
                request.function().functionId(),
                request.function().name().value(),
                request.function().version(),
                request.trigger().label(),
                outcome.status(),
                outcome instanceof Outcome.Succeeded ? null : outcome.code(),
                outcome instanceof Outcome.Succeeded ? null : outcome.message(),
                request.identity().role().claim(),
                ran && attempt.runAs() != null ? attempt.runAs().role().claim() : null,
                request.identity().user().orElse(null),
                request.attempt(),
                request.acceptedAt(),
                ran ? started : null,
                finished,
                micros(queue),
                micros(execution.run()),
                execution.memoryPeakBytes(),
                execution.log(),
                execution.logTruncated(),
                new RecordPosition(record.topic(), record.partition(), record.offset()),
                worker);
        var reply = new Reply(request.id(), request.function().version(), queue, execution.run(), outcome);
        publisher.publish(completed, reply, request.replyAddress(), durable);
        LOG.atDebug().addKeyValue("invocationId", request.id()).addKeyValue("function", request.function().name())
                .addKeyValue("status", outcome.status()).addKeyValue("micros", micros(execution.run())).log("invocation ended");
    }

    private static Attempt rejected(Rejection reason, String message) {
        return Attempt.notRun(new Outcome.Rejected(reason, message));
    }

    /** Clocks of two machines may differ a little. */
    private static Duration notNegative(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1000;
    }
}
