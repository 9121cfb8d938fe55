package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.invocation.Reply;
import io.aerodb.functions.kafka.RequestCodec;
import io.aerodb.functions.kafka.UnreadableRecordException;
import io.aerodb.functions.metrics.FunctionMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes one request record from the log to its outcome. Thread-safe; runs on guest threads. */
final class InvocationRunner {

    private static final Logger LOG = LoggerFactory.getLogger(InvocationRunner.class);

    private final RequestCodec codec;
    private final FunctionRunner functions;
    private final OutcomePublisher publisher;
    private final FunctionMetrics metrics;
    private final Clock clock;
    private final String worker;

    InvocationRunner(RequestCodec codec, FunctionRunner functions, OutcomePublisher publisher, FunctionMetrics metrics, Clock clock,
            String worker) {
        this.codec = codec;
        this.functions = functions;
        this.publisher = publisher;
        this.metrics = metrics;
        this.clock = clock;
        this.worker = worker;
    }

    /**
     * Returns when the function has ended; an interrupt leaves the record undone, for another worker.
     *
     * @param durable called once the outcome is on the log, and never for a record that is left undone
     * @return empty if the record is taken care of, or else after how long it is to be handed in again
     */
    Optional<Duration> run(ConsumerRecord<byte[], byte[]> record, Runnable durable) {
        InvocationRequest request;
        try {
            request = codec.decode(record);
        } catch (UnreadableRecordException e) {
            publisher.deadLetter(record, e.getMessage(), durable);
            return Optional.empty();
        }
        try {
            var started = clock.instant();
            finish(request, record, started, functions.run(request, started), durable);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Optional.empty();
    }

    private void finish(InvocationRequest request, ConsumerRecord<byte[], byte[]> record, Instant started, FunctionRunner.Run run, Runnable durable) {
        var execution = run.execution();
        var finished = clock.instant();
        var outcome = execution.outcome();
        var ran = !execution.run().isZero();
        var queue = notNegative(Duration.between(request.acceptedAt(), finished).minus(execution.run()));
        metrics.ended(request.function().name(), request.trigger(), queue, execution);
        var completed = new InvocationEntry(
                request.id().value(),
                request.function().functionId(),
                request.function().name().value(),
                request.function().version(),
                request.trigger().label(),
                outcome.status(),
                outcome instanceof Outcome.Succeeded ? null : outcome.code(),
                outcome instanceof Outcome.Succeeded ? null : outcome.message(),
                request.identity().role().claim(),
                ran && run.runAs() != null ? run.runAs().role().claim() : null,
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

    /** Clocks of two machines may differ a little. */
    private static Duration notNegative(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1000;
    }
}
