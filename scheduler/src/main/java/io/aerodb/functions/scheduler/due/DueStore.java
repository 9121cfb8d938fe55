package io.aerodb.functions.scheduler.due;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.invocation.RecordPosition;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The table {@code due_invocations}, as schedulers share it. What is due is decided by PostgreSQL's clock. */
final class DueStore {

    private final Database database;

    DueStore(Database database) {
        this.database = database;
    }

    /** How long the oldest row is due, whoever has it; negative if its time is to come; empty if there is no row. */
    Optional<Duration> oldest() {
        return database.run(connection -> {
            try (var select = connection.prepareStatement("""
                    SELECT (extract(epoch FROM clock_timestamp() - due_at) * 1000000)::bigint
                    FROM aerodb.due_invocations ORDER BY due_at LIMIT 1""")) {
                var rows = select.executeQuery();
                return rows.next() ? Optional.of(Duration.of(rows.getLong(1), ChronoUnit.MICROS)) : Optional.empty();
            }
        });
    }

    /** Oldest first; until the transaction ends nobody else gets them. */
    static List<DueInvocation> take(Connection connection, int limit) throws SQLException {
        try (var select = connection.prepareStatement("""
                SELECT id, attempt, due_at, (extract(epoch FROM clock_timestamp() - due_at) * 1000000)::bigint AS late_micros, accepted_at, function_id,
                    function, request_topic, request_partition, request_offset
                FROM aerodb.due_invocations WHERE due_at <= now() ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED""")) {
            select.setInt(1, limit);
            var rows = select.executeQuery();
            var due = new ArrayList<DueInvocation>();
            while (rows.next()) {
                due.add(new DueInvocation(
                        rows.getObject("id", UUID.class),
                        rows.getInt("attempt"),
                        rows.getObject("due_at", OffsetDateTime.class).toInstant(),
                        Duration.of(rows.getLong("late_micros"), ChronoUnit.MICROS),
                        rows.getObject("accepted_at", OffsetDateTime.class).toInstant(),
                        rows.getObject("function_id", UUID.class),
                        rows.getString("function"),
                        new RecordPosition(rows.getString("request_topic"), rows.getInt("request_partition"), rows.getLong("request_offset"))));
            }
            return due;
        }
    }

    static void delete(Connection connection, Collection<UUID> ids) throws SQLException {
        execute(connection, "DELETE FROM aerodb.due_invocations WHERE id = ANY(?)", ids);
    }

    /** For those that cannot be dealt with now, so that others get their turn. */
    static void putOff(Connection connection, Collection<UUID> ids) throws SQLException {
        execute(connection, "UPDATE aerodb.due_invocations SET due_at = now() + interval '5 s' WHERE id = ANY(?)", ids);
    }

    private static void execute(Connection connection, String sql, Collection<UUID> ids) throws SQLException {
        if (ids.isEmpty()) {
            return;
        }
        try (var statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("uuid", ids.toArray()));
            statement.executeUpdate();
        }
    }
}
