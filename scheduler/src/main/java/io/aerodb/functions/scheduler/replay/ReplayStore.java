package io.aerodb.functions.scheduler.replay;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.invocation.ReplayFilter;
import io.aerodb.functions.scheduler.replay.RunningReplay.Position;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The table {@code replays}, as schedulers share it. */
final class ReplayStore {

    private final Database database;

    ReplayStore(Database database) {
        this.database = database;
    }

    /** How long until the next batch of any replay may go, by PostgreSQL's clock; zero or less if now; empty if none is running. */
    Optional<Duration> untilNext() {
        return database.run(connection -> {
            try (var select = connection.prepareStatement("""
                    SELECT (extract(epoch FROM next_at - clock_timestamp()) * 1000000)::bigint
                    FROM aerodb.replays WHERE state = 'running' ORDER BY next_at LIMIT 1""")) {
                var rows = select.executeQuery();
                return rows.next() ? Optional.of(Duration.of(rows.getLong(1), ChronoUnit.MICROS)) : Optional.empty();
            }
        });
    }

    /** The one whose turn it is; until the transaction ends nobody else gets it. */
    static Optional<RunningReplay> take(Connection connection) throws SQLException {
        try (var select = connection.prepareStatement("""
                SELECT id, function, status, since, until, greatest(batch_at, until) AS batch_at, version, max_count - replayed - gone AS left, per_second, position_time, position_id
                FROM aerodb.replays WHERE state = 'running' AND next_at <= now() ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED""")) {
            var rows = select.executeQuery();
            return rows.next() ? Optional.of(replay(rows)) : Optional.empty();
        }
    }

    /**
     * Notes what a batch did, and when the next one may go. What was missed of the pace is made up for at most 200 ms, so that an outage
     * is not followed by a flood.
     *
     * @param isWhole whether nothing of the batch is left, which might have been sent all the same
     */
    static void advance(Connection connection, RunningReplay replay, int replayed, int gone, Position position, boolean isWhole) throws SQLException {
        try (var update = connection.prepareStatement("""
                UPDATE aerodb.replays SET replayed = replayed + ?, gone = gone + ?, position_time = ?, position_id = ?,
                    next_at = greatest(next_at, now() - interval '200 milliseconds') + ? * interval '1 second' / per_second,
                    batch_at = CASE WHEN ? THEN now() ELSE batch_at END
                WHERE id = ?""")) {
            update.setInt(1, replayed);
            update.setInt(2, gone);
            update.setObject(3, position.acceptedAt().atOffset(ZoneOffset.UTC));
            update.setObject(4, position.invocation());
            update.setInt(5, replayed + gone);
            update.setBoolean(6, isWhole);
            update.setObject(7, replay.id());
            update.executeUpdate();
        }
    }

    /** After a batch that failed: others get their turn. */
    void putOff(UUID replay) {
        database.run(connection -> {
            try (var update = connection.prepareStatement(
                    "UPDATE aerodb.replays SET next_at = now() + interval '5 s' WHERE id = ? AND state = 'running'")) {
                update.setObject(1, replay);
                return update.executeUpdate();
            }
        });
    }

    /** @param state {@code completed} or {@code cancelled} */
    static void finish(Connection connection, RunningReplay replay, String state) throws SQLException {
        try (var update = connection.prepareStatement("UPDATE aerodb.replays SET state = ?, finished_at = now() WHERE id = ?")) {
            update.setString(1, state);
            update.setObject(2, replay.id());
            update.executeUpdate();
        }
    }

    private static RunningReplay replay(ResultSet row) throws SQLException {
        var positionTime = instant(row, "position_time");
        return new RunningReplay(
                row.getObject("id", UUID.class),
                new ReplayFilter(row.getString("function"), row.getString("status"), instant(row, "since"),
                        row.getObject("until", OffsetDateTime.class).toInstant()),
                row.getObject("batch_at", OffsetDateTime.class).toInstant(),
                row.getObject("version", Integer.class),
                row.getInt("left"),
                row.getInt("per_second"),
                positionTime == null ? null : new Position(positionTime, row.getObject("position_id", UUID.class)));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        var time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
