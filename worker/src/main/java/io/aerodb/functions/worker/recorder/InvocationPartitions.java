package io.aerodb.functions.worker.recorder;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.invocation.InvocationClaims;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/**
 * The partitions of {@code function_invocations}, one for each day (UTC): made before they are needed, emptied of successes and
 * dropped when their time is over. Any number of workers may do this at once. Methods throw
 * {@link io.aerodb.functions.lifecycle.UnavailableException} while PostgreSQL is away.
 */
final class InvocationPartitions {

    private static final int DAYS_AHEAD = 3;
    private static final int BATCH = 10_000;
    private static final String PREFIX = "function_invocations_";
    private static final String DEFAULT = PREFIX + "default";
    private static final DateTimeFormatter SUFFIX = DateTimeFormatter.BASIC_ISO_DATE;
    private static final String TURN = "SELECT pg_advisory_xact_lock(hashtext('aerodb.function_invocations'))";
    /** Everybody else queues behind a table that is waited for. */
    private static final String PATIENCE = "SET LOCAL lock_timeout = '2s'";

    /** Goes through the rows by their time, since what was deleted before still lies there. */
    private static final String REMOVE = """
            WITH old AS (
                SELECT ctid, id, accepted_at, status FROM aerodb.%1$s WHERE %2$s AND accepted_at >= ? AND accepted_at < ?
                ORDER BY accepted_at LIMIT %3$d FOR UPDATE SKIP LOCKED),
            noted AS (%4$s),
            removed AS (
                DELETE FROM aerodb.%1$s WHERE ctid = ANY (ARRAY (SELECT ctid FROM old)))
            SELECT max(accepted_at) FROM old""";
    private static final OffsetDateTime BEGINNING = OffsetDateTime.of(1, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

    private final Database database;
    private final RetentionSettings retention;

    InvocationPartitions(Database database, RetentionSettings retention) {
        this.database = database;
        this.retention = retention;
    }

    /** By PostgreSQL's clock: a worker whose own is wrong must not drop anything. */
    LocalDate today() {
        return database.run(connection -> {
            try (var statement = connection.createStatement(); var row = statement.executeQuery("SELECT (now() AT TIME ZONE 'UTC')::date")) {
                row.next();
                return row.getObject(1, LocalDate.class);
            }
        });
    }

    /** Makes the partitions of this day and the next ones. */
    void makeAhead(LocalDate today) {
        database.inTransaction(connection -> {
            execute(connection, TURN);
            execute(connection, PATIENCE);
            var existing = days(connection);
            for (var day = today; !day.isAfter(today.plusDays(DAYS_AHEAD)); day = day.plusDays(1)) {
                if (!existing.contains(day)) {
                    make(connection, day);
                }
            }
            return existing;
        });
    }

    /**
     * Removes what is not kept any longer, be it a success or not. Each partition goes in a transaction of its own, which locks the
     * whole table before anything else: so whoever reads several of them waits before the first one, or not at all.
     */
    void dropOld(LocalDate today) {
        var keptFrom = today.minus(days(retention.everything()));
        for (var day : database.run(InvocationPartitions::days)) {
            if (day.isBefore(keptFrom)) {
                noteOver(day);
                database.inTransaction(connection -> {
                    execute(connection, TURN);
                    execute(connection, PATIENCE);
                    execute(connection, "LOCK TABLE aerodb.function_invocations IN ACCESS EXCLUSIVE MODE");
                    execute(connection, "DROP TABLE IF EXISTS aerodb." + name(day));
                    return day;
                });
            }
        }
        remove(DEFAULT, "true", keptFrom);
    }

    private void noteOver(LocalDate day) {
        database.inTransaction(connection -> {
            execute(connection, TURN);
            if (days(connection).contains(day)) {
                execute(connection, InvocationClaims.noteOver("aerodb." + name(day)));
            }
            return day;
        });
    }

    /** Empties older partitions of successes, few rows at a time. */
    void removeSuccesses(LocalDate today) {
        var keptFrom = today.minus(days(retention.successes()));
        for (var day : database.run(InvocationPartitions::days)) {
            if (day.isBefore(keptFrom)) {
                remove(name(day), "status = 'succeeded'", keptFrom);
            }
        }
        remove(DEFAULT, "status = 'succeeded'", keptFrom);
    }

    /** Rows that came before their partition wait in the default one, which would refuse the new partition: they move over first. */
    private static void make(Connection connection, LocalDate day) throws SQLException {
        var range = "accepted_at >= '%s 00:00+00' AND accepted_at < '%s 00:00+00'".formatted(day, day.plusDays(1));
        execute(connection, "CREATE TABLE aerodb.%s (LIKE aerodb.function_invocations INCLUDING ALL)".formatted(name(day)));
        execute(connection, "LOCK TABLE aerodb.%s IN ACCESS EXCLUSIVE MODE".formatted(DEFAULT));
        execute(connection, """
                WITH early AS (DELETE FROM aerodb.%s WHERE %s RETURNING *)
                INSERT INTO aerodb.%s SELECT * FROM early""".formatted(DEFAULT, range, name(day)));
        execute(connection, "ALTER TABLE aerodb.function_invocations ATTACH PARTITION aerodb.%s FOR VALUES FROM ('%s 00:00+00') TO ('%s 00:00+00')"
                .formatted(name(day), day, day.plusDays(1)));
    }

    /** What others have locked stays until the next time. */
    private void remove(String partition, String condition, LocalDate before) {
        var sql = REMOVE.formatted(partition, condition, BATCH, InvocationClaims.noteOver("old"));
        for (var from = BEGINNING; from != null; ) {
            var start = from;
            from = database.run(connection -> {
                try (var delete = connection.prepareStatement(sql)) {
                    delete.setObject(1, start);
                    delete.setObject(2, before.atStartOfDay().atOffset(ZoneOffset.UTC));
                    var row = delete.executeQuery();
                    row.next();
                    return row.getObject(1, OffsetDateTime.class);
                }
            });
        }
    }

    private static List<LocalDate> days(Connection connection) throws SQLException {
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
