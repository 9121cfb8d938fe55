package io.aerodb.functions.invocation;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.lifecycle.UnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code function_invocations}: one row for every invocation that something was told of. Methods throw
 * {@link io.aerodb.functions.lifecycle.UnavailableException} while PostgreSQL is away.
 */
public final class InvocationLog {

    /** How far the time in an id may be from when its invocation was accepted. */
    private static final Duration ID_TOLERANCE = Duration.ofHours(1);

    private static final String FIND = "SELECT " + InvocationRows.COLUMNS + " FROM aerodb.function_invocations i WHERE i.id = ANY (?::uuid[])";
    private static final String TOOK_TOO_LONG = "57014";

    private final Database database;

    public InvocationLog(Database database) {
        this.database = database;
    }

    /**
     * What to look for; null is any.
     *
     * @param status an {@link InvocationStatus} label that rows are stored with: those that run are found under what they were before
     * @param cause the invocation whose writes caused those looked for
     * @param replayOf the invocation whose request those looked for ran again
     * @param since accepted at or after
     * @param until accepted before
     * @param after the last invocation of the page before, or null for the first page
     * @param limit rows at most
     */
    public record Search(
            @Nullable FunctionName function,
            @Nullable String status,
            @Nullable TriggerType trigger,
            @Nullable InvocationId cause,
            @Nullable InvocationId replayOf,
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable Cursor after,
            int limit) {}

    /** Where a page ended. */
    public record Cursor(Instant acceptedAt, UUID id) {}

    /**
     * Brings the rows up to what the entries tell, in one transaction with what is due. The result does not depend on the order in
     * which entries come, nor on how often: a row follows the entry that is latest in the invocation's life, and keeps the first terminal
     * one for ever.
     */
    public void append(List<InvocationEntry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        var batch = EntryBatch.of(entries);
        database.inTransaction(connection -> {
            InvocationWrites.write(connection, batch);
            return batch;
        });
    }

    /**
     * Ends an invocation that waits for its first or its next attempt, as part of a transaction of the caller's.
     *
     * @param end a terminal entry
     * @return false, and nothing is changed, if there is no row or it has ended
     */
    public static boolean end(Connection transaction, InvocationEntry end) throws SQLException {
        try (var open = transaction.prepareStatement("""
                SELECT FROM aerodb.function_invocations
                WHERE id = ? AND accepted_at = ? AND status IN ('accepted', 'scheduled') FOR UPDATE""")) {
            open.setObject(1, end.id());
            open.setObject(2, utc(end.acceptedAt()));
            if (!open.executeQuery().next()) {
                return false;
            }
        }
        InvocationWrites.write(transaction, EntryBatch.of(List.of(end)));
        return true;
    }

    /**
     * The last that was accepted under this id; with the status {@code running} where a worker that is alive has claimed it. An id that does
     * not tell its time is looked for in all partitions.
     */
    public Optional<InvocationEntry> find(InvocationId id) {
        return id.time().map(time -> find(Set.of(id), time, time))
                .orElseGet(() -> select(FIND + " ORDER BY i.accepted_at", List.<Object>of((Object) uuids(Set.of(id)))))
                .stream().reduce((_, later) -> later);
    }

    /**
     * The same for several ids, in the order in which they were accepted; of one id, there may be more than one.
     *
     * @param from accepted at or after, give or take an hour: only the partitions of this time are looked at
     * @param until accepted at or before, give or take an hour
     */
    public List<InvocationEntry> find(Set<InvocationId> ids, Instant from, Instant until) {
        return select(FIND + " AND i.accepted_at BETWEEN ? AND ? ORDER BY i.accepted_at",
                List.of(uuids(ids), utc(from.minus(ID_TOLERANCE)), utc(until.plus(ID_TOLERANCE))));
    }

    private static String[] uuids(Set<InvocationId> ids) {
        return ids.stream().map(id -> id.value().toString()).toArray(String[]::new);
    }

    /**
     * Newest first; with the status {@code running} where a worker that is alive has claimed one.
     *
     * @throws io.aerodb.functions.lifecycle.UnavailableException also if it takes longer than 10 s: what is looked for then is too rare
     *     among too much
     */
    public List<InvocationEntry> search(Search search) {
        var sql = new StringBuilder("SELECT ").append(InvocationRows.COLUMNS).append(" FROM aerodb.function_invocations i WHERE true");
        var parameters = new ArrayList<>();
        if (search.function() != null) {
            sql.append(" AND i.function = ?");
            parameters.add(search.function().value());
        }
        if (search.status() != null) {
            sql.append(" AND i.status = ?");
            parameters.add(search.status());
            if (!search.status().equals(InvocationStatus.SUCCEEDED.label())) {
                sql.append(" AND i.status <> 'succeeded'"); // the index says so
            }
        }
        if (search.trigger() != null) {
            sql.append(" AND i.trigger = ?");
            parameters.add(search.trigger().label());
        }
        if (search.cause() != null) {
            sql.append(" AND i.cause = ?");
            parameters.add(search.cause().value());
        }
        if (search.replayOf() != null) {
            sql.append(" AND i.replay_of = ?");
            parameters.add(search.replayOf().value());
        }
        if (search.since() != null) {
            sql.append(" AND i.accepted_at >= ?");
            parameters.add(utc(search.since()));
        }
        if (search.until() != null) {
            sql.append(" AND i.accepted_at < ?");
            parameters.add(utc(search.until()));
        }
        if (search.after() != null) {
            sql.append(" AND (i.accepted_at, i.id) < (?, ?)");
            parameters.add(utc(search.after().acceptedAt()));
            parameters.add(search.after().id());
        }
        sql.append(" ORDER BY i.accepted_at DESC, i.id DESC LIMIT ?");
        parameters.add(search.limit());
        return timed(sql.toString(), parameters);
    }

    /** How attempts before the ones that {@code entries} tell of ended, in order; entries without any are left out. */
    public Map<InvocationEntry, List<PastAttempt>> pastAttempts(List<InvocationEntry> entries) {
        var retried = new HashMap<Cursor, InvocationEntry>();
        for (var entry : entries) {
            if (entry.attempt() > 1 || !entry.status().equals(InvocationStatus.SUCCEEDED.label())) {
                retried.put(new Cursor(entry.acceptedAt(), entry.id()), entry);
            }
        }
        if (retried.isEmpty()) {
            return Map.of();
        }
        return database.run(connection -> {
            try (var select = connection.prepareStatement("""
                    SELECT accepted_at, id, past_attempts FROM aerodb.function_invocations
                    WHERE id = ANY (?) AND accepted_at = ANY (?) AND past_attempts <> '[]'""")) {
                select.setArray(1, connection.createArrayOf("uuid", retried.keySet().stream().map(Cursor::id).toArray()));
                select.setArray(2, connection.createArrayOf("timestamptz", retried.keySet().stream().map(key -> utc(key.acceptedAt())).toArray()));
                var rows = select.executeQuery();
                var attempts = new HashMap<InvocationEntry, List<PastAttempt>>();
                while (rows.next()) {
                    var entry = retried.get(new Cursor(rows.getObject(1, OffsetDateTime.class).toInstant(), rows.getObject(2, UUID.class)));
                    if (entry != null) {
                        attempts.put(entry, InvocationRows.pastAttempts(rows.getString(3)));
                    }
                }
                return attempts;
            }
        });
    }

    /** Whether the function, which may be deleted, has any row. */
    public boolean knows(FunctionName function) {
        return database.run(connection -> {
            try (var select = connection.prepareStatement("SELECT 1 FROM aerodb.function_invocations WHERE function = ? LIMIT 1")) {
                select.setString(1, function.value());
                return select.executeQuery().next();
            }
        });
    }

    private List<InvocationEntry> timed(String sql, List<?> parameters) {
        try {
            return database.inTransaction(connection -> {
                try (var limit = connection.createStatement(); var select = prepared(connection, sql, parameters)) {
                    limit.execute("SET LOCAL statement_timeout = '10s'");
                    return InvocationRows.entries(select.executeQuery());
                }
            });
        } catch (DatabaseException e) {
            if (e.sqlState().equals(TOOK_TOO_LONG)) {
                throw new UnavailableException("postgres", "the search took longer than 10 s; narrow it down by function, status or time");
            }
            throw e;
        }
    }

    private List<InvocationEntry> select(String sql, List<?> parameters) {
        return database.run(connection -> {
            try (var select = prepared(connection, sql, parameters)) {
                return InvocationRows.entries(select.executeQuery());
            }
        });
    }

    private static PreparedStatement prepared(Connection connection, String sql, List<?> parameters) throws SQLException {
        var statement = connection.prepareStatement(sql);
        for (var i = 0; i < parameters.size(); i++) {
            statement.setObject(i + 1, parameters.get(i));
        }
        return statement;
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
