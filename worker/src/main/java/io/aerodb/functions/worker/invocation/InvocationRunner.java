package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.admission.CircuitBreakers;
import io.aerodb.functions.admission.CircuitDecision;
import io.aerodb.functions.admission.Verdict;
import io.aerodb.functions.function.Delivery;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.RetryPolicy.Cause;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.invocation.Claim;
import io.aerodb.functions.invocation.ClaimRequest;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Outcome.Failure;
import io.aerodb.functions.invocation.Outcome.Rejection;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.RequestSpans;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.kafka.UnreadableRecordException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.metrics.FunctionMetrics;
import io.aerodb.functions.telemetry.LogContext;
import io.aerodb.functions.worker.invocation.FunctionRunner.Run;
import io.aerodb.functions.worker.invocation.FunctionRunner.Target;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one request record from the log to its outcome, and decides what follows. What stands on the events lane, or says so, is
 * claimed first. Thread-safe; runs on guest threads.
 */
final class InvocationRunner {

    private static final Logger LOG = LoggerFactory.getLogger(InvocationRunner.class);
    private static final Duration WHILE_HELD = Duration.ofSeconds(1);
    private static final Duration WHILE_AWAY = Duration.ofMillis(500);
    /** On the events lane an attempt may wait this long for its module, on top of the function's timeout. */
    private static final Duration LOADING = Duration.ofSeconds(30);

    private final RequestCodec codec;
    private final FunctionRunner functions;
    private final ClaimBatcher claims;
    private final StoredResults results;
    private final OutcomePublisher publisher;
    private final CircuitBreakers circuits;
    private final FunctionMetrics metrics;
    private final RequestSpans spans;
    private final Clock clock;
    private final String worker;

    InvocationRunner(RequestCodec codec, FunctionRunner functions, ClaimBatcher claims, StoredResults results, OutcomePublisher publisher,
            CircuitBreakers circuits, FunctionMetrics metrics, RequestSpans spans, Clock clock, String worker) {
        this.codec = codec;
        this.functions = functions;
        this.claims = claims;
        this.results = results;
        this.publisher = publisher;
        this.circuits = circuits;
        this.metrics = metrics;
        this.spans = spans;
        this.clock = clock;
        this.worker = worker;
    }

    /**
     * Returns when the function has ended; an interrupt leaves the record undone, for another worker.
     *
     * @param durable called once all that comes of the record is on the log, and never for a record that is left undone
     * @return empty if the record is taken care of, or else after which time it is to be handed in again
     */
    Optional<Duration> run(ConsumerRecord<byte[], byte[]> record, Runnable durable) {
        InvocationRequest request;
        try {
            request = codec.decode(record);
        } catch (UnreadableRecordException e) {
            metrics.unreadable();
            publisher.deadLetter(record, e.getMessage(), 0, null, durable);
            return Optional.empty();
        }
        var turn = clock.instant();
        var span = spans.process(record, request, turn);
        var traced = request.within(span.contextOr(request.trace()));
        try (var _ = LogContext.of(request.id().toString(), traced.trace())) {
            var again = run(record, traced, durable);
            if (again.isEmpty()) { // or else nothing was done, and the turn that counts is a later one
                spans.queued(record, request, turn);
                span.end();
            }
            return again;
        } catch (RuntimeException | Error e) {
            span.failed(e.getClass().getName()).end(); // what it has done until then belongs to it
            throw e;
        }
    }

    private Optional<Duration> run(ConsumerRecord<byte[], byte[]> record, InvocationRequest request, Runnable durable) {
        try {
            if (isEvent(record) || request.claimed()) {
                return claimAndRun(record, request, durable);
            }
            var started = clock.instant();
            finish(record, request, FunctionConfig.DEFAULT, started, functions.run(request, started), Duration.ZERO, durable);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Optional.empty();
    }

    private Optional<Duration> claimAndRun(ConsumerRecord<byte[], byte[]> record, InvocationRequest request, Runnable durable)
            throws InterruptedException {
        Sought sought;
        ClaimRequest asked;
        Claim claim;
        try {
            sought = seek(request.function());
            asked = claims.request(request.id().value(), request.acceptedAt(), request.attempt(), lastAttempt(sought.config()));
            claim = claims.claim(asked, new TopicPartition(record.topic(), record.partition()));
        } catch (UnavailableException e) {
            return unclaimed(record, request, e.getMessage(), durable);
        }
        try {
            return handle(claim, record, request, sought, durable);
        } catch (RuntimeException | Error e) {
            claims.giveUp(asked); // or this worker would hold what it does not run
            throw e;
        }
    }

    private Optional<Duration> handle(Claim claim, ConsumerRecord<byte[], byte[]> record, InvocationRequest request, Sought sought,
            Runnable durable) throws InterruptedException {
        var config = sought.config();
        var now = clock.instant();
        switch (claim) {
            case Claim.Granted(var attempt, var acceptedAt) -> {
                var granted = request.claimedAs(attempt, acceptedAt);
                var limited = isEvent(record) ? granted.endingBy(now.plus(config.limits().timeout()).plus(LOADING)) : granted;
                if (isEvent(record) && sought.active().isPresent()) {
                    runWithinCircuit(record, granted, limited, sought, now, durable);
                } else {
                    finish(record, granted, config, now, functions.run(limited, now, sought.target()), Duration.ZERO, durable);
                }
            }
            case Claim.Lost(var attempt, var acceptedAt) -> {
                var lost = new Outcome.Failed(Failure.WORKER_LOST, "its worker was lost while it ran, and it may not be run again", new byte[0]);
                finish(record, request.claimedAs(attempt, acceptedAt), config, now, Run.notRun(lost), Duration.ZERO, durable);
            }
            case Claim.Held _ -> {
                return Optional.of(about(WHILE_HELD));
            }
            case Claim.Over over -> {
                return answerAgain(request, over, now, durable);
            }
        }
        return Optional.empty();
    }

    /** An attempt that meets an open circuit is an attempt that failed, but the next one comes no sooner than one may be tried. */
    private void runWithinCircuit(ConsumerRecord<byte[], byte[]> record, InvocationRequest granted, InvocationRequest limited, Sought sought,
            Instant now, Runnable durable) throws InterruptedException {
        var config = sought.config();
        switch (circuits.tryRun(granted.function().name(), sought.active().flatMap(active -> active.admission().circuitBreaker()), config.limits().timeout().plus(LOADING))) {
            case CircuitDecision.Open(var retryAfter) -> finish(record, granted, config, now, Run.notRun(new Outcome.Rejected(
                    Rejection.UNAVAILABLE, "the function's circuit is open: too many of its runs failed lately")), retryAfter, durable);
            case CircuitDecision.Allowed circuit -> {
                Run run;
                try {
                    run = functions.run(limited, now, sought.target());
                    circuit.end(Verdict.of(run.execution().outcome()));
                } finally {
                    circuit.end(Verdict.NEITHER); // for a run that was interrupted
                }
                finish(record, granted, config, now, run, Duration.ZERO, durable);
            }
        }
    }

    /**
     * @param config of the version that is to run
     * @param active the configuration of the function as it is now, which its circuit goes by; empty if there is no such function
     */
    private record Sought(Supplier<Optional<Target>> target, FunctionConfig config, Optional<FunctionConfig> active) {}

    /** What breaks here for good is not to hold up the lane: the run breaks on it as well, and that is an outcome. */
    private Sought seek(VersionRef version) {
        try {
            var target = functions.find(version);
            return new Sought(() -> target, target.map(Target::config).orElse(FunctionConfig.DEFAULT), target.map(found -> found.function().config()));
        } catch (UnavailableException e) {
            throw e;
        } catch (RuntimeException e) {
            return new Sought(() -> {
                throw e;
            }, FunctionConfig.DEFAULT, Optional.empty());
        }
    }

    /** Events can wait for PostgreSQL; a caller is told that it cannot be known whether the function may run. */
    private Optional<Duration> unclaimed(ConsumerRecord<byte[], byte[]> record, InvocationRequest request, String reason, Runnable durable) {
        if (isEvent(record)) {
            return Optional.of(about(WHILE_AWAY));
        }
        claims.forget(request.id().value()); // its record does not come again, and another one of that id is not to be run by this claim
        finish(record, request, FunctionConfig.DEFAULT, clock.instant(), Run.notRun(new Outcome.Rejected(Rejection.UNAVAILABLE, reason)), Duration.ZERO, durable);
        return Optional.empty();
    }

    private Optional<Duration> answerAgain(InvocationRequest request, Claim.Over over, Instant now, Runnable durable) {
        var address = request.replyAddress();
        if (address.isEmpty() || now.isAfter(request.deadline())) {
            durable.run();
            return Optional.empty();
        }
        if (!over.status().isTerminal()) {
            return Optional.of(about(WHILE_HELD));
        }
        try {
            publisher.answerAgain(results.of(request.id(), over), address.get(), durable);
            return Optional.empty();
        } catch (UnavailableException e) {
            return Optional.of(about(WHILE_HELD));
        }
    }

    /**
     * @param request as it was granted
     * @param pause how long to wait at least before another attempt
     */
    private void finish(ConsumerRecord<byte[], byte[]> record, InvocationRequest request, FunctionConfig config, Instant started, Run run,
            Duration pause, Runnable durable) {
        var ended = new EndedAttempt(record, request, started, clock.instant(), run);
        var outcome = ended.outcome();
        var function = request.function().name();
        metrics.ended(function, request.trigger(), ended.queue(), run.execution(), run.memoryLimitBytes());
        switch (following(ended, config, pause)) {
            case AfterAttempt.Done _ -> publish(ended, outcome.invocationStatus(), Optional.empty(), durable);
            case AfterAttempt.Retry(var at) -> {
                metrics.retried(function);
                publish(ended, InvocationStatus.SCHEDULED, Optional.of(at), durable);
            }
            case AfterAttempt.DeadLetter(var reason) -> {
                metrics.deadLettered(function);
                publisher.deadLetter(record, reason, request.attempt(), request,
                        () -> publish(ended, InvocationStatus.DEAD_LETTERED, Optional.empty(), durable));
            }
        }
        InvocationLines.write(ended); // nobody waits for it
        LOG.atDebug().addKeyValue("invocationId", request.id()).addKeyValue("function", function).addKeyValue("attempt", request.attempt())
                .addKeyValue("status", outcome.status()).addKeyValue("millis", run.execution().run().toMillis()).log("attempt ended");
    }

    private static AfterAttempt following(EndedAttempt ended, FunctionConfig config, Duration pause) {
        return isEvent(ended.record())
                ? AfterAttempt.onEvents(config.retry(), config.delivery(), ended.outcome(), ended.request().attempt(),
                        ageFrom(ended.request(), config), ended.finished(), pause, ThreadLocalRandom.current().nextDouble())
                : new AfterAttempt.Done();
    }

    /** Since when it may be tried: its acceptance, or its start if that was put off. */
    private static Instant ageFrom(InvocationRequest request, FunctionConfig config) {
        var maxAge = config.retry().maxAge();
        return request.triedUntil(maxAge).minus(maxAge);
    }

    private void publish(EndedAttempt ended, InvocationStatus status, Optional<Instant> retryAt, Runnable durable) {
        publisher.publish(ended.entry(status, retryAt.orElse(null), worker), ended.reply(), ended.request().replyAddress(), durable);
    }

    private static boolean isEvent(ConsumerRecord<byte[], byte[]> record) {
        return record.topic().equals(Topics.EVENTS);
    }

    private static int lastAttempt(FunctionConfig config) {
        var retry = config.retry();
        return config.delivery() == Delivery.AT_MOST_ONCE || !retry.on().contains(Cause.WORKER_LOST) ? 0 : retry.maxAttempts();
    }

    /** What was put off together comes back one after the other. */
    private static Duration about(Duration pause) {
        return Duration.ofMillis(Math.round(pause.toMillis() * ThreadLocalRandom.current().nextDouble(0.8, 1.2)));
    }
}
