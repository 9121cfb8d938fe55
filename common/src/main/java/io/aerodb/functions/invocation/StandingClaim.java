package io.aerodb.functions.invocation;

import io.aerodb.functions.invocation.Claim.Granted;
import io.aerodb.functions.invocation.Claim.Held;
import io.aerodb.functions.invocation.Claim.Lost;
import io.aerodb.functions.invocation.Claim.Over;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A claim as it stands, with what its invocation's row says.
 *
 * @param token null where no worker claimed it
 * @param lost whether the attempt went with its worker and its end was to be told, not another attempt made
 * @param live whether its worker is there
 * @param canTell whether who asks can tell that a worker is not there
 * @param row null until something is recorded
 */
record StandingClaim(UUID id, Instant acceptedAt, int attempt, String worker, @Nullable Long token, boolean lost, boolean live,
        boolean canTell, @Nullable Row row) {

    /** @param tried whether an attempt has ended; the row of a delayed invocation tells of none */
    record Row(Over told, int attempt, boolean tried) {

        boolean isOverFor(ClaimRequest request) {
            return switch (told.status()) {
                case SUCCEEDED, FAILED, TIMED_OUT, MEMORY_EXCEEDED, REJECTED, EXPIRED, CANCELLED, DEAD_LETTERED, REPLAYED -> true;
                case SCHEDULED -> tried && attempt >= request.attempt();
                case ACCEPTED, RUNNING -> false;
            };
        }
    }

    static StandingClaim read(ResultSet row) throws SQLException {
        return new StandingClaim(
                row.getObject("id", UUID.class),
                row.getObject("accepted_at", OffsetDateTime.class).toInstant(),
                row.getInt("attempt"),
                row.getString("worker"),
                row.getObject("token", Long.class),
                row.getBoolean("lost"),
                row.getBoolean("live"),
                row.getBoolean("can_tell"),
                row(row));
    }

    /** Empty if it is free to be taken over. */
    Optional<Claim> answerTo(ClaimRequest request) {
        if (row != null && row.isOverFor(request)) {
            return Optional.of(row.told());
        }
        if (worker.equals(InvocationClaims.CANCELLED)) {
            return Optional.of(new Over(InvocationStatus.CANCELLED, "cancelled", "it was called off before it ran", 0, null));
        }
        if (worker.equals(InvocationClaims.OVER)) {
            return Optional.of(new Over(InvocationStatus.EXPIRED, "expired", "it has ended, and how is no longer known", 0, null));
        }
        if (token != null && token == request.token()) {
            return Optional.of(lost ? new Lost(attempt, acceptedAt) : new Granted(attempt, acceptedAt));
        }
        return live || !canTell ? Optional.of(new Held()) : Optional.empty();
    }

    /** What taking it over gives. */
    Claim takenOverBy(ClaimRequest request) {
        return lost || attempt >= request.lastAttempt() ? new Lost(attempt, acceptedAt) : new Granted(attempt + 1, acceptedAt);
    }

    private static @Nullable Row row(ResultSet row) throws SQLException {
        var status = InvocationStatus.fromLabel(String.valueOf(row.getString("status")));
        if (status.isEmpty()) {
            return null;
        }
        var topic = row.getString("result_topic");
        var result = topic == null ? null : new RecordPosition(topic, row.getInt("result_partition"), row.getLong("result_offset"));
        var told = new Over(status.get(), row.getString("error_code"), row.getString("error_message"), row.getInt("version"), result);
        return new Row(told, row.getInt("ended_attempt"), row.getObject("finished_at") != null);
    }
}
