package io.aerodb.functions.gateway.outcome;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.invocation.InvocationClaims;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.ZoneOffset;

/**
 * Calls invocations off before they start. A worker needs the claim to start one, so the claim is taken away from it: for good, and in
 * the same transaction as the row gets its end.
 */
final class Cancellation {

    /** The claim of an attempt before this one is over; that of this one, or of a later one, says that it runs. */
    private static final String CLAIM = """
            INSERT INTO aerodb.invocation_claims AS held (id, accepted_at, attempt, worker) VALUES (?, ?, 2147483647, ?)
            ON CONFLICT (id) DO UPDATE SET attempt = excluded.attempt, worker = excluded.worker, claimed_at = now()
            WHERE held.attempt < ? AND held.accepted_at = excluded.accepted_at""";

    private final Database database;

    Cancellation(Database database) {
        this.database = database;
    }

    /**
     * Blocks.
     *
     * @param end of the attempt that would have come next
     * @return false if a worker was faster, or it has ended
     */
    boolean cancel(InvocationEntry end) {
        return database.inTransaction(connection -> {
            var cancelled = claim(connection, end) && InvocationLog.end(connection, end);
            if (!cancelled) {
                connection.rollback();
            }
            return cancelled;
        });
    }

    private static boolean claim(Connection connection, InvocationEntry end) throws SQLException {
        try (var insert = connection.prepareStatement(CLAIM)) {
            insert.setObject(1, end.id());
            insert.setObject(2, end.acceptedAt().atOffset(ZoneOffset.UTC));
            insert.setString(3, InvocationClaims.CANCELLED);
            insert.setInt(4, end.attempt());
            return insert.executeUpdate() == 1;
        }
    }
}
