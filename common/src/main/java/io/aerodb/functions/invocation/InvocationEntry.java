package io.aerodb.functions.invocation;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What became of an invocation, as it is told on the outcome log and stands in {@code function_invocations}. An invocation has one
 * row; a later entry takes the place of an earlier one until its status is terminal.
 *
 * @param trigger a {@link TriggerType} label
 * @param status an {@link InvocationStatus} label
 * @param code the stable error code; null for success, and where nothing has been tried yet
 * @param error what went wrong; null where {@code code} is
 * @param role the caller's
 * @param runAs the role of its queries; null where it was not run
 * @param user the caller's {@code sub} claim; null where it had none
 * @param attempt which attempt this is about, counted from 1
 * @param startedAt null where it was not run
 * @param finishedAt null where nothing has been tried yet
 * @param queueMicros from acceptance to the start of the run, or to its end where it was not run
 * @param runMicros 0 where it was not run
 * @param request where the request of this attempt stands on the log
 * @param lineage what it goes back to
 * @param retryAt when it is to be tried next; null unless the status is {@code scheduled}
 * @param result where the reply with the function's output stands on the log; null where there is none
 * @param worker the service that tells it, by its instance name
 */
public record InvocationEntry(
        UUID id,
        UUID functionId,
        String function,
        int version,
        String trigger,
        String status,
        @Nullable String code,
        @Nullable String error,
        String role,
        @Nullable String runAs,
        @Nullable String user,
        int attempt,
        Instant acceptedAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        long queueMicros,
        long runMicros,
        long memoryPeakBytes,
        List<LogLine> log,
        boolean logTruncated,
        RecordPosition request,
        Lineage lineage,
        @Nullable Instant retryAt,
        @Nullable RecordPosition result,
        String worker) {

    public InvocationEntry {
        log = List.copyOf(log);
        lineage = Objects.requireNonNullElse(lineage, Lineage.NONE); // services before 0.2 tell none
    }

    /** Of an invocation that goes back to nothing, has no result to fetch and will not be tried again. */
    public InvocationEntry(UUID id, UUID functionId, String function, int version, String trigger, String status, @Nullable String code,
            @Nullable String error, String role, @Nullable String runAs, @Nullable String user, int attempt, Instant acceptedAt,
            @Nullable Instant startedAt, Instant finishedAt, long queueMicros, long runMicros, long memoryPeakBytes, List<LogLine> log,
            boolean logTruncated, RecordPosition request, String worker) {
        this(id, functionId, function, version, trigger, status, code, error, role, runAs, user, attempt, acceptedAt, startedAt, finishedAt,
                queueMicros, runMicros, memoryPeakBytes, log, logTruncated, request, Lineage.NONE, null, null, worker);
    }

    /**
     * The request is on the log, and nothing has been tried.
     *
     * @param teller who put it there
     */
    public static InvocationEntry accepted(InvocationRequest request, RecordPosition position, String teller) {
        return untried(request, InvocationStatus.ACCEPTED, position, null, teller);
    }

    /** The request is on the log, and is to be tried at a time to come. @param teller the service that tells it */
    public static InvocationEntry delayed(InvocationRequest request, RecordPosition position, Instant startAt, String teller) {
        return untried(request, InvocationStatus.SCHEDULED, position, startAt, teller);
    }

    private static InvocationEntry untried(InvocationRequest request, InvocationStatus status, RecordPosition position, @Nullable Instant startAt,
            String teller) {
        return new InvocationEntry(request.id().value(), request.function().functionId(), request.function().name().value(),
                request.function().version(), request.trigger().label(), status.label(), null, null,
                request.identity().role().claim(), null, request.identity().user().orElse(null), request.attempt(), request.acceptedAt(),
                null, null, 0, 0, 0, List.of(), false, position, request.lineage(), startAt, null, teller);
    }

    public InvocationEntry withResult(RecordPosition position) {
        return new InvocationEntry(id, functionId, function, version, trigger, status, code, error, role, runAs, user, attempt, acceptedAt,
                startedAt, finishedAt, queueMicros, runMicros, memoryPeakBytes, log, logTruncated, request, lineage, retryAt, position, worker);
    }
}
