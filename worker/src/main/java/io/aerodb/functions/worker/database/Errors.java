package io.aerodb.functions.worker.database;

import io.aerodb.functions.worker.database.QueryAnswer.Failed;
import io.aerodb.functions.worker.database.wire.ServerError;
import io.aerodb.functions.worker.wasm.HostError;
import java.time.Duration;

/** What a guest is told about an error of PostgreSQL's. */
final class Errors {

    private static final long CLOSE_TO_DEADLINE_NANOS = Duration.ofMillis(50).toNanos();

    /** {@code auth.jwt} does not know the key that the worker signs with. */
    private static final String UNKNOWN_KEY = "ZK001";

    private Errors() {}

    static Failed answer(ServerError error, long deadlineNanos) {
        var code = code(error, deadlineNanos);
        var message = switch (code) {
            case DEADLINE -> "the query ran until the function's deadline";
            case UNAVAILABLE -> error.sqlState().equals(UNKNOWN_KEY)
                    ? "the database does not know the key with which the worker signs claims"
                    : "the database ended the connection";
            default -> error.message();
        };
        return new Failed(code, message, error.sqlState());
    }

    private static HostError code(ServerError error, long deadlineNanos) {
        var state = error.sqlState();
        if (state.equals("57014") && deadlineNanos - System.nanoTime() < CLOSE_TO_DEADLINE_NANOS) {
            return HostError.DEADLINE;
        }
        if (error.endsConnection() || state.startsWith("57P") || state.startsWith("08") && !state.equals("08P01")) {
            return HostError.UNAVAILABLE;
        }
        return switch (state) {
            case "42501" -> HostError.DENIED; // insufficient_privilege
            case "53400" -> HostError.TOO_LARGE; // a limit on temporary files
            case UNKNOWN_KEY -> HostError.UNAVAILABLE;
            default -> HostError.DATABASE;
        };
    }
}
