package io.aerodb.functions.scheduler.schedule;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.scheduler.schedule.SettledSchedule.LastFire;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The table {@code schedules}, as schedulers share it. */
final class ScheduleStore {

    /** A fire that was sent twice has the row of the one that was claimed. */
    private static final String TAKE = """
            SELECT s.trigger_id, t.definition, s.settled_until, s.due_at, f.id AS function_id, f.name, f.active_version, v.module,
                coalesce((f.config ->> 'enabled')::boolean, true) AS enabled,
                s.last_invocation IS NULL OR s.last_over_by <= ? OR EXISTS (
                    SELECT FROM aerodb.function_invocations i
                    WHERE i.id = s.last_invocation
                        AND i.accepted_at = coalesce(
                            (SELECT c.accepted_at FROM aerodb.invocation_claims c WHERE c.id = s.last_invocation), s.last_accepted_at)
                        AND i.status NOT IN ('accepted', 'scheduled')) AS previous_is_over
            FROM aerodb.schedules s
            JOIN aerodb.function_triggers t ON t.id = s.trigger_id
            JOIN aerodb.functions f ON f.id = t.function_id
            JOIN aerodb.function_versions v ON v.function_id = f.id AND v.version = f.active_version
            WHERE s.due_at <= ? ORDER BY s.due_at LIMIT ? FOR UPDATE OF s SKIP LOCKED""";

    private static final String SETTLE = """
            UPDATE aerodb.schedules s
            SET settled_until = settled.until, due_at = settled.due_at,
                last_invocation = coalesce(settled.invocation, s.last_invocation),
                last_accepted_at = coalesce(settled.accepted_at, s.last_accepted_at),
                last_over_by = coalesce(settled.over_by, s.last_over_by)
            FROM unnest(?::uuid[], ?::timestamptz[], ?::timestamptz[], ?::uuid[], ?::timestamptz[], ?::timestamptz[])
                AS settled (id, until, due_at, invocation, accepted_at, over_by)
            WHERE s.trigger_id = settled.id""";

    private final Database database;

    ScheduleStore(Database database) {
        this.database = database;
    }

    /** When the first schedule is due, whoever has it; empty if none ever is. */
    Optional<Instant> firstDue() {
        return database.run(connection -> {
            try (var select = connection.prepareStatement("SELECT due_at FROM aerodb.schedules WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1")) {
                var rows = select.executeQuery();
                return rows.next() ? Optional.of(rows.getObject(1, OffsetDateTime.class).toInstant()) : Optional.empty();
            }
        });
    }

    /** Those that are longest due first; until the transaction ends nobody else gets them. */
    static List<DueSchedule> take(Connection connection, Instant now, int limit) throws SQLException {
        try (var select = connection.prepareStatement(TAKE)) {
            select.setObject(1, now.atOffset(ZoneOffset.UTC));
            select.setObject(2, now.atOffset(ZoneOffset.UTC));
            select.setInt(3, limit);
            var rows = select.executeQuery();
            var due = new ArrayList<DueSchedule>();
            while (rows.next()) {
                due.add(new DueSchedule(
                        rows.getObject("trigger_id", UUID.class),
                        rows.getString("definition"),
                        rows.getObject("settled_until", OffsetDateTime.class).toInstant(),
                        rows.getObject("due_at", OffsetDateTime.class).toInstant(),
                        new VersionRef(rows.getObject("function_id", UUID.class), new FunctionName(rows.getString("name")),
                                rows.getInt("active_version"), new ModuleHash(rows.getString("module"))),
                        rows.getBoolean("enabled"),
                        rows.getBoolean("previous_is_over")));
            }
            return due;
        }
    }

    static void settle(Connection connection, List<SettledSchedule> settled) throws SQLException {
        try (var update = connection.prepareStatement(SETTLE)) {
            update.setArray(1, texts(connection, settled, SettledSchedule::id));
            update.setArray(2, texts(connection, settled, SettledSchedule::settledUntil));
            update.setArray(3, texts(connection, settled, SettledSchedule::dueAt));
            update.setArray(4, texts(connection, settled, last(LastFire::invocation)));
            update.setArray(5, texts(connection, settled, last(LastFire::acceptedAt)));
            update.setArray(6, texts(connection, settled, last(LastFire::overBy)));
            update.executeUpdate();
        }
    }

    private static Function<SettledSchedule, @Nullable Object> last(Function<LastFire, Object> part) {
        return settled -> settled.last() == null ? null : part.apply(settled.last());
    }

    private static Array texts(Connection connection, List<SettledSchedule> settled, Function<SettledSchedule, @Nullable Object> part) throws SQLException {
        var texts = new String[settled.size()];
        for (var i = 0; i < texts.length; i++) {
            var value = part.apply(settled.get(i));
            texts[i] = value == null ? null : value.toString();
        }
        return connection.createArrayOf("text", texts);
    }
}
