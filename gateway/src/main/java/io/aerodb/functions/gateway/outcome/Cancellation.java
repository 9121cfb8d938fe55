package io.aerodb.functions.gateway.outcome;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.invocation.InvocationEntry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;

/**
 * Calls invocations off before they start. A worker needs the claim to start one, so the claim is taken away from it: for good, and in
 * the same transaction as the row gets its end.
 */
final class Cancellation {

    /** Who holds the claim of a cancelled invocation. */
    private static final String NOBODY = "cancelled";
    /** The claim of an attempt before this one is over; that of this one, or of a later one, says that it runs. */
    private static final String CLAIM = """
            INSERT INTO aerodb.invocation_claims AS held (id, accepted_at, attempt, worker) VALUES (?, ?, 2147483647, ?)
            ON CONFLICT (id) DO UPDATE SET attempt = excluded.attempt, worker = excluded.worker, claimed_at = now()
            WHERE held.attempt < ? AND held.accepted_at = excluded.accepted_at""";
    private static final String END = """
            UPDATE aerodb.function_invocations
            SET status = 'cancelled', error_code = 'cancelled', error_message = 'it was cancelled before it started', finished_at = ?, retry_at = NULL
            WHERE id = ? AND accepted_at = ? AND status IN ('accepted', 'scheduled')""";
    private static final String NOT_DUE = "DELETE FROM aerodb.due_invocations WHERE id = ?";

    private final Database database;

    Cancellation(Database database) {
        this.database = database;
    }

    /** @return false if a worker was faster, or it has ended */
    boolean cancel(StoredInvocation invocation, Instant now) {
        var entry = invocation.entry();
        return database.inTransaction(connection -> {
            if (!claim(connection, entry, invocation.nextAttempt()) || !end(connection, entry, now)) {
                connection.rollback();
                return false;
            }
            try (var delete = connection.prepareStatement(NOT_DUE)) {
                delete.setObject(1, entry.id());
                delete.executeUpdate();
            }
            return true;
        });
    }

    private static boolean claim(Connection connection, InvocationEntry entry, int nextAttempt) throws SQLException {
        try (var insert = connection.prepareStatement(CLAIM)) {
            insert.setObject(1, entry.id());
            insert.setObject(2, entry.acceptedAt().atOffset(ZoneOffset.UTC));
            insert.setString(3, NOBODY);
            insert.setInt(4, nextAttempt);
            return insert.executeUpdate() == 1;
        }
    }

    private static boolean end(Connection connection, InvocationEntry entry, Instant now) throws SQLException {
        try (var update = connection.prepareStatement(END)) {
            update.setObject(1, now.atOffset(ZoneOffset.UTC));
            update.setObject(2, entry.id());
            update.setObject(3, entry.acceptedAt().atOffset(ZoneOffset.UTC));
            return update.executeUpdate() == 1;
        }
    }
}
