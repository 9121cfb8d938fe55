package io.aerodb.functions.invocation;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How an invocation ended, as it stands on the outcome log and in {@code function_invocations}.
 *
 * @param trigger a {@link TriggerType} label
 * @param status an {@link Outcome} status
 * @param code the stable error code; null for success
 * @param error what went wrong; null for success
 * @param role the caller's
 * @param runAs the role of its queries; null where it was not run
 * @param user the caller's {@code sub} claim; null where it had none
 * @param startedAt null where it was not run
 * @param queueMicros from acceptance to the start of the run, or to its end where it was not run
 * @param runMicros 0 where it was not run
 * @param request where the request stands on the log
 * @param worker which worker ended it
 */
public record CompletedInvocation(
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
        Instant finishedAt,
        long queueMicros,
        long runMicros,
        long memoryPeakBytes,
        List<LogLine> log,
        boolean logTruncated,
        RecordPosition request,
        String worker) {

    public CompletedInvocation {
        log = List.copyOf(log);
    }
}
