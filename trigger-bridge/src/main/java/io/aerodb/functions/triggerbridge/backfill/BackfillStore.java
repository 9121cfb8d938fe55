package io.aerodb.functions.triggerbridge.backfill;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.triggerbridge.backfill.RunningBackfill.Position;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code backfills}, as the trigger bridge works it off. No row is held while rows are read and sent: what was done counts
 * only if the backfill still runs and nobody else has gone on with it. Methods throw
 * {@link io.aerodb.functions.lifecycle.UnavailableException} while PostgreSQL is away.
 */
final class BackfillStore {

    private final Database database;

    BackfillStore(Database database) {
        this.database = database;
    }

    /** The one whose turn it is next; empty if none is running. */
    Optional<RunningBackfill> next() {
        return database.run(connection -> {
            try (var select = connection.prepareStatement("""
                    SELECT id, trigger_id, function, per_second, key_columns, position, batch_at,
                           (extract(epoch FROM next_at - clock_timestamp()) * 1000000)::bigint AS due_in
                    FROM aerodb.backfills WHERE state = 'running' ORDER BY next_at LIMIT 1""")) {
                var rows = select.executeQuery();
                return rows.next() ? Optional.of(backfill(rows)) : Optional.empty();
            }
        });
    }

    /**
     * Notes what a batch did, and when the next one may go. What was missed of the pace is made up for at most 200 ms, so that an outage
     * is not followed by a flood.
     *
     * @param position the last row of the batch
     * @return whether it counts
     */
    boolean advance(RunningBackfill backfill, int read, int fired, Position position) {
        return database.run(connection -> {
            try (var update = connection.prepareStatement("""
                    UPDATE aerodb.backfills SET rows_read = rows_read + ?, rows_fired = rows_fired + ?, key_columns = ?, position = ?, error = NULL,
                        batch_at = now(), next_at = greatest(next_at, now() - interval '200 milliseconds') + ? * interval '1 second' / per_second
                    WHERE id = ? AND state = 'running' AND position IS NOT DISTINCT FROM ?""")) {
                update.setInt(1, read);
                update.setInt(2, fired);
                update.setArray(3, texts(connection, position.columns()));
                update.setArray(4, texts(connection, position.values()));
                update.setInt(5, read);
                update.setObject(6, backfill.id());
                update.setArray(7, backfill.position() == null ? null : texts(connection, backfill.position().values()));
                return update.executeUpdate() == 1;
            }
        });
    }

    /** Others get their turn. @param reason what it waits for */
    void putOff(RunningBackfill backfill, String reason) {
        update("UPDATE aerodb.backfills SET error = ?, next_at = now() + interval '5 s' WHERE id = ? AND state = 'running'", reason, backfill.id());
    }

    void complete(RunningBackfill backfill) {
        finish("completed", null, backfill.id());
    }

    /** @param reason for whoever started it */
    void fail(RunningBackfill backfill, String reason) {
        finish("failed", reason, backfill.id());
    }

    private void finish(String state, @Nullable String error, UUID backfill) {
        update("UPDATE aerodb.backfills SET state = ?, error = ?, finished_at = now() WHERE id = ? AND state = 'running'", state, error, backfill);
    }

    private void update(String sql, @Nullable Object... parameters) {
        database.run(connection -> {
            try (var update = connection.prepareStatement(sql)) {
                for (var i = 0; i < parameters.length; i++) {
                    update.setObject(i + 1, parameters[i]);
                }
                return update.executeUpdate();
            }
        });
    }

    private static Array texts(Connection connection, List<String> values) throws SQLException {
        return connection.createArrayOf("text", values.toArray());
    }

    private static List<String> texts(ResultSet row, String column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    private static RunningBackfill backfill(ResultSet row) throws SQLException {
        return new RunningBackfill(
                row.getObject("id", UUID.class),
                row.getObject("trigger_id", UUID.class),
                new FunctionName(row.getString("function")),
                row.getInt("per_second"),
                row.getArray("position") == null ? null : new Position(texts(row, "key_columns"), texts(row, "position")),
                row.getObject("batch_at", OffsetDateTime.class).toInstant(),
                Duration.of(row.getLong("due_in"), ChronoUnit.MICROS));
    }
}
