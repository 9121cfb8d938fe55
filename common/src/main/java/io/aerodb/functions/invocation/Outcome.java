package io.aerodb.functions.invocation;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** How an invocation ended. Which HTTP status or metric label follows is decided by an exhaustive switch where it is needed. */
public sealed interface Outcome {

    /** The function returned 0. */
    record Succeeded(byte[] output) implements Outcome {}

    /**
     * The function ran and gave up.
     *
     * @param output what it had written until then
     */
    record Failed(Failure failure, String message, byte[] output) implements Outcome {}

    /** The function ran longer than its timeout, or than its caller waits. */
    record TimedOut(String message) implements Outcome {}

    /** The function asked for more memory than it may have. */
    record MemoryExceeded(String message) implements Outcome {}

    /** The function was not run, because it cannot be. */
    record Rejected(Rejection reason, String message) implements Outcome {}

    /** The function was not run, because its deadline had passed. */
    record Expired(String message) implements Outcome {}

    enum Failure {
        /** It trapped, or its handler returned something else than 0. */
        FUNCTION_ERROR,
        /** A host call failed and it gave up. */
        HOST_FUNCTION_ERROR,
        /** Its worker was lost with it, and it must not be run again. */
        WORKER_LOST
    }

    enum Rejection {
        /** Deleted or disabled since the request was accepted. */
        FUNCTION_NOT_FOUND,
        /** The stored module does not fit its hash, or the engine cannot compile or link it. */
        MODULE_REJECTED,
        /** Something the run needs is away for now. */
        UNAVAILABLE
    }

    /**
     * The outcome that a row or a record tells of.
     *
     * @param status of the invocation; what follows a failed attempt, such as {@code dead_lettered}, leaves it to the code
     * @param code as {@link #code} gives it
     * @param output what the function wrote; dropped where the outcome has none
     * @return empty if the code is none of an outcome's
     */
    static Optional<Outcome> of(InvocationStatus status, String code, String message, byte[] output) {
        return switch (status) {
            case SUCCEEDED -> Optional.of(new Succeeded(output));
            case EXPIRED -> Optional.of(new Expired(message));
            case ACCEPTED, RUNNING, SCHEDULED, FAILED, TIMED_OUT, MEMORY_EXCEEDED, REJECTED, CANCELLED, DEAD_LETTERED, REPLAYED ->
                    Stream.of(
                            Arrays.stream(Failure.values()).map(failure -> new Failed(failure, message, output)),
                            Arrays.stream(Rejection.values()).map(reason -> new Rejected(reason, message)),
                            Stream.of(new TimedOut(message), new MemoryExceeded(message)))
                            .<Outcome>flatMap(outcomes -> outcomes).filter(outcome -> outcome.code().equals(code)).findFirst();
        };
    }

    default InvocationStatus invocationStatus() {
        return switch (this) {
            case Succeeded _ -> InvocationStatus.SUCCEEDED;
            case Failed _ -> InvocationStatus.FAILED;
            case TimedOut _ -> InvocationStatus.TIMED_OUT;
            case MemoryExceeded _ -> InvocationStatus.MEMORY_EXCEEDED;
            case Rejected _ -> InvocationStatus.REJECTED;
            case Expired _ -> InvocationStatus.EXPIRED;
        };
    }

    /** The status in rows, records and metrics. */
    default String status() {
        return invocationStatus().label();
    }

    /** The stable error code that rows, metrics and HTTP answers share; empty for success. */
    default String code() {
        return switch (this) {
            case Succeeded _ -> "";
            case Failed failed -> switch (failed.failure()) {
                case FUNCTION_ERROR -> "function_error";
                case HOST_FUNCTION_ERROR -> "host_function_error";
                case WORKER_LOST -> "worker_lost";
            };
            case TimedOut _, Expired _ -> "function_timeout";
            case MemoryExceeded _ -> "memory_limit_exceeded";
            case Rejected rejected -> switch (rejected.reason()) {
                case FUNCTION_NOT_FOUND -> "function_not_found";
                case MODULE_REJECTED -> "module_rejected";
                case UNAVAILABLE -> "unavailable";
            };
        };
    }

    /** What to tell the caller; empty for success. */
    default String message() {
        return switch (this) {
            case Succeeded _ -> "";
            case Failed(_, var message, _) -> message;
            case TimedOut(var message) -> message;
            case MemoryExceeded(var message) -> message;
            case Rejected(_, var message) -> message;
            case Expired(var message) -> message;
        };
    }

    /** What the function wrote, as far as it came; empty where it did not run to an end of its own. */
    default byte[] output() {
        return switch (this) {
            case Succeeded(var output) -> output;
            case Failed(_, _, var output) -> output;
            case TimedOut _, MemoryExceeded _, Rejected _, Expired _ -> new byte[0];
        };
    }
}
