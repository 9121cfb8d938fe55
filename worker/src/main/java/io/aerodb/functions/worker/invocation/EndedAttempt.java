package io.aerodb.functions.worker.invocation;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.RecordPosition;
import io.aerodb.functions.invocation.Reply;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that has ended, as it is told to who waits and to the outcome log.
 *
 * @param record the one that was handed out
 * @param request what it holds, as the claim granted it
 */
record EndedAttempt(ConsumerRecord<byte[], byte[]> record, InvocationRequest request, Instant started, Instant finished, FunctionRunner.Run run) {

    Outcome outcome() {
        return run.execution().outcome();
    }

    /** From acceptance to the start of the run. */
    Duration queue() {
        var queue = Duration.between(request.acceptedAt(), finished).minus(run.execution().run());
        return queue.isNegative() ? Duration.ZERO : queue; // clocks of two machines may differ a little
    }

    Reply reply() {
        return new Reply(request.id(), request.function().version(), queue(), run.execution().run(), outcome());
    }

    /** @param retryAt null if there is no other attempt */
    InvocationEntry entry(InvocationStatus status, @Nullable Instant retryAt, String worker) {
        var execution = run.execution();
        var ran = !execution.run().isZero();
        var succeeded = outcome() instanceof Outcome.Succeeded;
        return new InvocationEntry(
                request.id().value(),
                request.function().functionId(),
                request.function().name().value(),
                request.function().version(),
                request.trigger().label(),
                status.label(),
                succeeded ? null : outcome().code(),
                succeeded ? null : outcome().message(),
                request.identity().role().claim(),
                ran && run.runAs() != null ? run.runAs().role().claim() : null,
                request.identity().user().orElse(null),
                request.attempt(),
                request.acceptedAt(),
                ran ? started : null,
                finished,
                micros(queue()),
                micros(execution.run()),
                execution.memoryPeakBytes(),
                execution.log(),
                execution.logTruncated(),
                new RecordPosition(record.topic(), record.partition(), record.offset()),
                request.lineage(),
                retryAt,
                null,
                worker);
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1000;
    }
}
