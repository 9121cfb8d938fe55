package io.aerodb.functions.scheduler.due;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.Lineage;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How invocations end that are due and cannot be tried, with what their rows say of them. */
final class LastEntries {

    private static final String GONE = "request_gone";
    private static final String REFUSED = "request_refused";

    private final String scheduler;
    private final Clock clock;

    /** @param scheduler this instance's name */
    LastEntries(String scheduler, Clock clock) {
        this.scheduler = scheduler;
        this.clock = clock;
    }

    /**
     * Of one whose request is no longer to be had.
     *
     * @param reason why the request cannot be read
     * @return empty if the invocation has no row any more: then there is nothing left that could end
     */
    Optional<InvocationEntry> gone(Connection connection, DueInvocation due, String reason) throws SQLException {
        return entry(connection, due, GONE, "the request is gone from " + due.request().topic() + ": " + reason);
    }

    /** Of one whose request Kafka does not take as it is. @return empty if it has no row any more */
    Optional<InvocationEntry> refused(Connection connection, DueInvocation due, String reason) throws SQLException {
        return entry(connection, due, REFUSED, "Kafka refuses the request: " + reason);
    }

    private Optional<InvocationEntry> entry(Connection connection, DueInvocation due, String code, String reason) throws SQLException {
        try (var select = connection.prepareStatement("""
                SELECT version, trigger, role, run_as, user_id, cause, depth, replay_of
                FROM aerodb.function_invocations WHERE id = ? AND accepted_at = ?""")) {
            select.setObject(1, due.id());
            select.setObject(2, due.acceptedAt().atOffset(ZoneOffset.UTC));
            var row = select.executeQuery();
            var error = "attempt " + due.attempt() + " was due, but " + reason;
            return row.next() ? Optional.of(entry(due, row, code, error, clock.instant())) : Optional.empty();
        }
    }

    private InvocationEntry entry(DueInvocation due, ResultSet row, String code, String error, Instant now) throws SQLException {
        var waited = Math.max(0, Duration.between(due.acceptedAt(), now).toNanos() / 1000);
        return new InvocationEntry(due.id(), due.functionId(), due.function(), row.getInt("version"), row.getString("trigger"),
                InvocationStatus.REJECTED.label(), code, error, row.getString("role"), row.getString("run_as"), row.getString("user_id"),
                due.attempt(), due.acceptedAt(), null, now, waited, 0, 0, List.of(), false, due.request(),
                new Lineage(invocation(row, "cause"), row.getInt("depth"), invocation(row, "replay_of")), null, null, scheduler);
    }

    private static @Nullable InvocationId invocation(ResultSet row, String column) throws SQLException {
        var id = row.getObject(column, UUID.class);
        return id == null ? null : new InvocationId(id);
    }
}
