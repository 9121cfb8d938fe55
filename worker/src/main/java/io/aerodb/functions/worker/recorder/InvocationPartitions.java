package io.aerodb.functions.worker.recorder;

import io.aerodb.functions.database.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/**
 * The partitions of {@code function_invocations}, one for each day (UTC): made before they are needed, emptied of successes and
 * dropped when their time is over. Any number of workers may do this at once.
 */
final class InvocationPartitions {

    private static final int DAYS_AHEAD = 3;
    private static final String PREFIX = "function_invocations_";
    private static final DateTimeFormatter SUFFIX = DateTimeFormatter.BASIC_ISO_DATE;
    private static final String LOCK = "SELECT pg_advisory_xact_lock(hashtext('aerodb.function_invocations'))";

    private final Database database;
    private final RetentionSettings retention;
    private final Clock clock;

    InvocationPartitions(Database database, RetentionSettings retention, Clock clock) {
        this.database = database;
        this.retention = retention;
        this.clock = clock;
    }

    /** Makes what is missing and removes what is due. @throws io.aerodb.functions.lifecycle.UnavailableException while PostgreSQL is away */
    void maintain() {
        var today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        database.inTransaction(connection -> {
            execute(connection, LOCK);
            var existing = existing(connection);
            for (var day = today; !day.isAfter(today.plusDays(DAYS_AHEAD)); day = day.plusDays(1)) {
                if (!existing.contains(day)) {
                    create(connection, day);
                }
            }
            var keepFailuresFrom = today.minus(days(retention.everything()));
            for (var day : existing) {
                if (day.isBefore(keepFailuresFrom)) {
                    execute(connection, "DROP TABLE aerodb." + name(day));
                }
            }
            return delete(connection, "function_invocations_default", "true", keepFailuresFrom);
        });
        database.run(connection -> delete(connection, "function_invocations", "status = 'succeeded'", today.minus(days(retention.successes()))));
    }

    /** Rows that came before their partition wait in the default one, which would refuse the new partition: they move over first. */
    private static void create(Connection connection, LocalDate day) throws SQLException {
        var range = "accepted_at >= '%s 00:00+00' AND accepted_at < '%s 00:00+00'".formatted(day, day.plusDays(1));
        execute(connection, "CREATE TABLE aerodb.%s (LIKE aerodb.function_invocations INCLUDING ALL)".formatted(name(day)));
        execute(connection, "LOCK TABLE aerodb.function_invocations_default IN ACCESS EXCLUSIVE MODE");
        execute(connection, """
                WITH early AS (DELETE FROM aerodb.function_invocations_default WHERE %s RETURNING *)
                INSERT INTO aerodb.%s SELECT * FROM early""".formatted(range, name(day)));
        execute(connection, "ALTER TABLE aerodb.function_invocations ATTACH PARTITION aerodb.%s FOR VALUES FROM ('%s 00:00+00') TO ('%s 00:00+00')"
                .formatted(name(day), day, day.plusDays(1)));
    }

    private static int delete(Connection connection, String table, String condition, LocalDate before) throws SQLException {
        try (var delete = connection.prepareStatement("DELETE FROM aerodb.%s WHERE %s AND accepted_at < ?".formatted(table, condition))) {
            delete.setObject(1, before.atStartOfDay().atOffset(ZoneOffset.UTC));
            return delete.executeUpdate();
        }
    }

    private static List<LocalDate> existing(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("""
                        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                        WHERE i.inhparent = 'aerodb.function_invocations'::regclass AND c.relname ~ '^function_invocations_[0-9]{8}$'""")) {
            var days = new ArrayList<LocalDate>();
            while (rows.next()) {
                days.add(LocalDate.parse(rows.getString(1).substring(PREFIX.length()), SUFFIX));
            }
            return days;
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String name(LocalDate day) {
        return PREFIX + SUFFIX.format(day);
    }

    private static Period days(Duration duration) {
        return Period.ofDays(Math.toIntExact(duration.toDays()));
    }
}
