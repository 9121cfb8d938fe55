package io.aerodb.functions.invocation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.FunctionName;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code function_invocations}: one row for every invocation that ended. Methods throw
 * {@link io.aerodb.functions.lifecycle.UnavailableException} while PostgreSQL is away.
 */
public final class InvocationLog {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final TypeReference<List<LogLine>> LOG_LINES = new TypeReference<>() {};

    private static final String INSERT = """
            INSERT INTO aerodb.function_invocations (id, accepted_at, function_id, function, version, trigger, status, error_code,
                error_message, role, run_as, user_id, attempt, started_at, finished_at, queue_ms, duration_ms, memory_peak, log, log_truncated,
                request_topic, request_partition, request_offset, worker)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?)
            ON CONFLICT (id, accepted_at) DO NOTHING""";

    private final Database database;

    public InvocationLog(Database database) {
        this.database = database;
    }

    /**
     * What to look for.
     *
     * @param function null for any
     * @param status an {@link Outcome} status, or null for any
     * @param trigger null for any
     * @param since accepted at or after, or null
     * @param until accepted before, or null
     * @param after the last invocation of the page before, or null for the first page
     * @param limit rows at most
     */
    public record Search(
            @Nullable FunctionName function,
            @Nullable String status,
            @Nullable TriggerType trigger,
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable Cursor after,
            int limit) {}

    /** Where a page ended. */
    public record Cursor(Instant acceptedAt, UUID id) {}

    /** Adds rows in one transaction; those that are there already stay as they are. */
    public void append(List<InvocationEntry> completed) {
        database.inTransaction(connection -> {
            try (var insert = connection.prepareStatement(INSERT)) {
                for (var row : completed) {
                    bind(insert, row);
                    insert.addBatch();
                }
                return insert.executeBatch().length;
            }
        });
    }

    /** Newest first. */
    public List<InvocationEntry> search(Search search) {
        var sql = new StringBuilder("SELECT * FROM aerodb.function_invocations WHERE true");
        var parameters = new ArrayList<Object>();
        if (search.function() != null) {
            sql.append(" AND function = ?");
            parameters.add(search.function().value());
        }
        if (search.status() != null) {
            sql.append(" AND status = ?");
            parameters.add(search.status());
        }
        if (search.trigger() != null) {
            sql.append(" AND trigger = ?");
            parameters.add(search.trigger().label());
        }
        if (search.since() != null) {
            sql.append(" AND accepted_at >= ?");
            parameters.add(utc(search.since()));
        }
        if (search.until() != null) {
            sql.append(" AND accepted_at < ?");
            parameters.add(utc(search.until()));
        }
        if (search.after() != null) {
            sql.append(" AND (accepted_at, id) < (?, ?)");
            parameters.add(utc(search.after().acceptedAt()));
            parameters.add(search.after().id());
        }
        sql.append(" ORDER BY accepted_at DESC, id DESC LIMIT ?");
        parameters.add(search.limit());
        return database.run(connection -> {
            try (var select = connection.prepareStatement(sql.toString())) {
                for (var i = 0; i < parameters.size(); i++) {
                    select.setObject(i + 1, parameters.get(i));
                }
                return rows(select.executeQuery());
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

    private static void bind(PreparedStatement insert, InvocationEntry row) throws SQLException {
        var parameters = new Object[] {
            row.id(), utc(row.acceptedAt()), row.functionId(), row.function(), row.version(), row.trigger(), row.status(), row.code(),
            storableOrNull(row.error()), row.role(), row.runAs(), storableOrNull(row.user()), row.attempt(),
            row.startedAt() == null ? null : utc(row.startedAt()), row.finishedAt() == null ? null : utc(row.finishedAt()),
            row.queueMicros() / 1000.0, row.runMicros() / 1000.0, row.memoryPeakBytes(), json(row.log()), row.logTruncated(),
            row.request().topic(), row.request().partition(), row.request().offset(), row.worker()
        };
        for (var i = 0; i < parameters.length; i++) {
            insert.setObject(i + 1, parameters[i]);
        }
    }

    private static List<InvocationEntry> rows(ResultSet rows) throws SQLException {
        var completed = new ArrayList<InvocationEntry>();
        while (rows.next()) {
            var startedAt = rows.getObject("started_at", OffsetDateTime.class);
            var finishedAt = rows.getObject("finished_at", OffsetDateTime.class);
            completed.add(new InvocationEntry(
                    rows.getObject("id", UUID.class),
                    rows.getObject("function_id", UUID.class),
                    rows.getString("function"),
                    rows.getInt("version"),
                    rows.getString("trigger"),
                    rows.getString("status"),
                    rows.getString("error_code"),
                    rows.getString("error_message"),
                    rows.getString("role"),
                    rows.getString("run_as"),
                    rows.getString("user_id"),
                    rows.getInt("attempt"),
                    rows.getObject("accepted_at", OffsetDateTime.class).toInstant(),
                    startedAt == null ? null : startedAt.toInstant(),
                    finishedAt == null ? null : finishedAt.toInstant(),
                    Math.round(rows.getDouble("queue_ms") * 1000),
                    Math.round(rows.getDouble("duration_ms") * 1000),
                    rows.getLong("memory_peak"),
                    logLines(rows.getString("log")),
                    rows.getBoolean("log_truncated"),
                    new RecordPosition(rows.getString("request_topic"), rows.getInt("request_partition"), rows.getLong("request_offset")),
                    rows.getString("worker")));
        }
        return completed;
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }

    private static String json(List<LogLine> log) {
        try {
            return MAPPER.writeValueAsString(log.stream()
                    .map(line -> new LogLine(line.level(), line.offsetMillis(), storable(line.message())))
                    .toList());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("log lines can always be written", e);
        }
    }

    private static List<LogLine> logLines(String json) {
        try {
            return MAPPER.readValue(json, LOG_LINES);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the log column holds what we wrote", e);
        }
    }

    private static @Nullable String storableOrNull(@Nullable String text) {
        return text == null ? null : storable(text);
    }

    /** PostgreSQL's text knows no NUL, and a function may log one. */
    private static String storable(String text) {
        return text.indexOf('\0') < 0 ? text : text.replace('\0', '\uFFFD');
    }
}
