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

/** How invocations end whose requests are no longer to be had. */
final class GoneInvocations {

    static final String CODE = "request_gone";

    private final String scheduler;
    private final Clock clock;

    /** @param scheduler this instance's name */
    GoneInvocations(String scheduler, Clock clock) {
        this.scheduler = scheduler;
        this.clock = clock;
    }

    /**
     * Its last entry, with what its row says of it.
     *
     * @param reason why the request cannot be read
     * @return empty if the invocation has no row any more: then there is nothing left that could end
     */
    Optional<InvocationEntry> entry(Connection connection, DueInvocation due, String reason) throws SQLException {
        try (var select = connection.prepareStatement("""
                SELECT version, trigger, role, run_as, user_id, cause, depth, replay_of
                FROM aerodb.function_invocations WHERE id = ? AND accepted_at = ?""")) {
            select.setObject(1, due.id());
            select.setObject(2, due.acceptedAt().atOffset(ZoneOffset.UTC));
            var row = select.executeQuery();
            return row.next() ? Optional.of(entry(due, row, reason, clock.instant())) : Optional.empty();
        }
    }

    private InvocationEntry entry(DueInvocation due, ResultSet row, String reason, Instant now) throws SQLException {
        var error = "attempt %d was due, but the request is gone from %s: %s".formatted(due.attempt(), due.request().topic(), reason);
        var waited = Math.max(0, Duration.between(due.acceptedAt(), now).toNanos() / 1000);
        return new InvocationEntry(due.id(), due.functionId(), due.function(), row.getInt("version"), row.getString("trigger"),
                InvocationStatus.REJECTED.label(), CODE, error, row.getString("role"), row.getString("run_as"), row.getString("user_id"),
                due.attempt(), due.acceptedAt(), null, now, waited, 0, 0, List.of(), false, due.request(),
                new Lineage(invocation(row, "cause"), row.getInt("depth"), invocation(row, "replay_of")), null, null, scheduler);
    }

    private static @Nullable InvocationId invocation(ResultSet row, String column) throws SQLException {
        var id = row.getObject(column, UUID.class);
        return id == null ? null : new InvocationId(id);
    }
}
