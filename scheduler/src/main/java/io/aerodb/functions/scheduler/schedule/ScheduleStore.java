package io.aerodb.functions.scheduler.schedule;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.RetryPolicy;
import io.aerodb.functions.function.VersionRef;
import io.aerodb.functions.scheduler.schedule.SettledSchedule.LastFire;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The table {@code schedules}, as schedulers share it. */
final class ScheduleStore {

    /**
     * A fire that was sent twice has the row of the one that was claimed. One that was claimed a day ago, and of which there is no row,
     * has succeeded: other rows are kept for as long as an invocation may be tried.
     */
    private static final String TAKE = """
            WITH moment AS (SELECT ?::timestamptz AS now, ?::timestamptz AS behind),
            mine AS MATERIALIZED (
                SELECT * FROM aerodb.schedules s WHERE s.due_at <= %1$s ORDER BY %2$s LIMIT ? FOR UPDATE SKIP LOCKED)
            SELECT s.trigger_id, s.fires_as, t.definition, s.settled_until, s.due_at, f.id AS function_id, f.name, f.active_version, v.module,
                f.config #>> '{retry,max_age_ms}' AS max_age, coalesce((f.config ->> 'enabled')::boolean, true) AS enabled,
                s.last_invocation IS NULL OR s.last_over_by <= moment.now OR (
                    SELECT coalesce(i.status NOT IN ('accepted', 'scheduled'), c.accepted_at < moment.now - interval '1 day')
                    FROM (VALUES (s.last_invocation, s.last_accepted_at)) AS fired (id, accepted_at)
                    LEFT JOIN aerodb.invocation_claims c ON c.id = fired.id
                    LEFT JOIN aerodb.function_invocations i ON i.id = fired.id AND i.accepted_at = coalesce(c.accepted_at, fired.accepted_at)
                ) IS TRUE AS previous_is_over
            FROM moment, mine s
            JOIN aerodb.function_triggers t ON t.id = s.trigger_id
            JOIN aerodb.functions f ON f.id = t.function_id
            JOIN aerodb.function_versions v ON v.function_id = f.id AND v.version = f.active_version
            ORDER BY %2$s""";
    private static final String TAKE_IN_TIME = TAKE.formatted("(SELECT now FROM moment) AND s.due_at > (SELECT behind FROM moment)", "s.due_at");
    /** Who is about to miss something comes first, and who has missed it already comes last. */
    private static final String TAKE_BEHIND = TAKE.formatted("(SELECT behind FROM moment)", "(s.missed_at > (SELECT now FROM moment)) IS NOT TRUE, s.missed_at");

    private static final String TAKE_OLDEST = TAKE.formatted("(SELECT behind FROM moment)", "s.due_at");

    /** What is put off where it stands is missed when it would have been. */
    private static final String SETTLE = """
            UPDATE aerodb.schedules s
            SET settled_until = settled.until, due_at = settled.due_at,
                missed_at = CASE WHEN settled.until = s.settled_until THEN coalesce(settled.missed_at, s.missed_at) ELSE settled.missed_at END,
                last_invocation = coalesce(settled.invocation, s.last_invocation),
                last_accepted_at = coalesce(settled.accepted_at, s.last_accepted_at),
                last_over_by = coalesce(settled.over_by, s.last_over_by)
            FROM unnest(?::uuid[], ?::timestamptz[], ?::timestamptz[], ?::timestamptz[], ?::uuid[], ?::timestamptz[], ?::timestamptz[])
                AS settled (id, until, due_at, missed_at, invocation, accepted_at, over_by)
            WHERE s.trigger_id = settled.id""";

    private static final Pattern MILLIS = Pattern.compile("[0-9]{1,9}");

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

    /**
     * Those that have been due since a moment, the longest due first; until the transaction ends nobody else gets them.
     *
     * @param behind all that have been due for longer are left out
     */
    static List<DueSchedule> takeInTime(Connection connection, Instant now, Instant behind, int limit) throws SQLException {
        return take(connection, TAKE_IN_TIME, now, behind, limit);
    }

    /** Those that have been due for so long, in the order in which they would miss something; until the transaction ends nobody else gets them. */
    static List<DueSchedule> takeBehind(Connection connection, Instant now, Instant behind, int limit) throws SQLException {
        return take(connection, TAKE_BEHIND, now, behind, limit);
    }

    /** The same ones, the longest due first. */
    static List<DueSchedule> takeOldest(Connection connection, Instant now, Instant behind, int limit) throws SQLException {
        return take(connection, TAKE_OLDEST, now, behind, limit);
    }

    private static List<DueSchedule> take(Connection connection, String sql, Instant now, Instant behind, int limit) throws SQLException {
        try (var select = connection.prepareStatement(sql)) {
            select.setObject(1, now.atOffset(ZoneOffset.UTC));
            select.setObject(2, behind.atOffset(ZoneOffset.UTC));
            select.setInt(3, limit);
            var rows = select.executeQuery();
            var due = new ArrayList<DueSchedule>();
            while (rows.next()) {
                due.add(new DueSchedule(
                        rows.getObject("trigger_id", UUID.class),
                        rows.getObject("fires_as", UUID.class),
                        rows.getString("definition"),
                        rows.getObject("settled_until", OffsetDateTime.class).toInstant(),
                        rows.getObject("due_at", OffsetDateTime.class).toInstant(),
                        new VersionRef(rows.getObject("function_id", UUID.class), new FunctionName(rows.getString("name")),
                                rows.getInt("active_version"), new ModuleHash(rows.getString("module"))),
                        maxAge(rows.getString("max_age")),
                        rows.getBoolean("enabled"),
                        rows.getBoolean("previous_is_over")));
            }
            return due;
        }
    }

    /** The default where only newer services understand what the configuration says. */
    private static Duration maxAge(@Nullable String millis) {
        return millis == null || !MILLIS.matcher(millis).matches() ? RetryPolicy.DEFAULT.maxAge() : Duration.ofMillis(Long.parseLong(millis));
    }

    /**
     * All together; one by one if PostgreSQL does not take one of them, so that it holds up no other.
     *
     * @param putOffUntil when one that it does not take is looked at again
     * @return those
     */
    static List<UUID> settle(Connection connection, List<SettledSchedule> settled, Instant putOffUntil) throws SQLException {
        var start = connection.setSavepoint();
        try {
            update(connection, settled);
            return List.of();
        } catch (SQLException e) {
            connection.rollback(unlessAway(e, start));
        }
        var refused = new ArrayList<UUID>();
        for (var each : settled) {
            var before = connection.setSavepoint();
            try {
                update(connection, List.of(each));
            } catch (SQLException e) {
                connection.rollback(unlessAway(e, before));
                refused.add(each.id());
            }
        }
        try (var update = connection.prepareStatement("UPDATE aerodb.schedules SET due_at = ? WHERE trigger_id = ANY (?)")) {
            update.setObject(1, putOffUntil.atOffset(ZoneOffset.UTC));
            update.setArray(2, connection.createArrayOf("uuid", refused.toArray()));
            update.executeUpdate();
        }
        return refused;
    }

    /** @throws SQLException unless it is about the values that were given */
    private static Savepoint unlessAway(SQLException failure, Savepoint savepoint) throws SQLException {
        if (failure.getSQLState() == null || !failure.getSQLState().startsWith("22")) {
            throw failure;
        }
        return savepoint;
    }

    private static void update(Connection connection, List<SettledSchedule> settled) throws SQLException {
        try (var update = connection.prepareStatement(SETTLE)) {
            update.setArray(1, texts(connection, settled, SettledSchedule::id));
            update.setArray(2, texts(connection, settled, SettledSchedule::settledUntil));
            update.setArray(3, texts(connection, settled, SettledSchedule::dueAt));
            update.setArray(4, texts(connection, settled, SettledSchedule::missedAt));
            update.setArray(5, texts(connection, settled, last(LastFire::invocation)));
            update.setArray(6, texts(connection, settled, last(LastFire::acceptedAt)));
            update.setArray(7, texts(connection, settled, last(LastFire::overBy)));
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
