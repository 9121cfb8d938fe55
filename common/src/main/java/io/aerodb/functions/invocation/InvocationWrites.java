package io.aerodb.functions.invocation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.kafka.Topics;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How entries become rows: whole batches with each statement, every column an array. Statements say the same however often and in
 * whatever order the entries come.
 */
final class InvocationWrites {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final String EPOCH = "timestamptz 'epoch' + interval '1 microsecond' * ";
    private static final int MAX_PAST_ATTEMPTS = 100;

    /** Where a row stands in its invocation's life; the same as {@link EntryBatch} says of entries. */
    static final String RANK = """
            CASE WHEN %1$s.status = 'scheduled' THEN 2 * %1$s.attempt::bigint + (%1$s.finished_at IS NOT NULL)::integer
                 WHEN %1$s.status IN ('accepted', 'running') THEN 0
                 ELSE 9223372036854775807 END""";

    /** How the attempt ended that a row, or an entry, tells about. */
    private static final String ENDED = """
            jsonb_build_object('attempt', %1$s.attempt, 'code', %1$s.error_code, 'error', %1$s.error_message,
                'finished_at', to_char(%1$s.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'duration_ms', %1$s.duration_ms, 'worker', %1$s.worker)""";

    private static final Column ID = new Column("id", Type.UUID, InvocationEntry::id);
    private static final Column ACCEPTED_AT = new Column("accepted_at", Type.TIME, InvocationEntry::acceptedAt);
    private static final Column ATTEMPT = new Column("attempt", Type.INTEGER, InvocationEntry::attempt);
    private static final Column ERROR_CODE = new Column("error_code", Type.TEXT, InvocationEntry::code);
    private static final Column ERROR_MESSAGE = new Column("error_message", Type.TEXT, entry -> StorableText.ofNullable(entry.error()));
    private static final Column FINISHED_AT = new Column("finished_at", Type.TIME, InvocationEntry::finishedAt);
    private static final Column DURATION = new Column("duration_ms", Type.DOUBLE, entry -> entry.runMicros() / 1000.0);
    private static final Column WORKER = new Column("worker", Type.TEXT, InvocationEntry::worker);

    private static final List<Column> KEY = List.of(ID, ACCEPTED_AT);
    private static final List<Column> END = List.of(ID, ACCEPTED_AT, ATTEMPT, ERROR_CODE, ERROR_MESSAGE, FINISHED_AT, DURATION, WORKER);
    private static final List<Column> ROW = List.of(
            ID,
            ACCEPTED_AT,
            new Column("function_id", Type.UUID, InvocationEntry::functionId),
            new Column("function", Type.TEXT, InvocationEntry::function),
            new Column("version", Type.INTEGER, InvocationEntry::version),
            new Column("trigger", Type.TEXT, InvocationEntry::trigger),
            new Column("status", Type.TEXT, InvocationEntry::status),
            ERROR_CODE,
            ERROR_MESSAGE,
            new Column("role", Type.TEXT, InvocationEntry::role),
            new Column("run_as", Type.TEXT, InvocationEntry::runAs),
            new Column("user_id", Type.TEXT, entry -> StorableText.ofNullable(entry.user())),
            ATTEMPT,
            new Column("started_at", Type.TIME, InvocationEntry::startedAt),
            FINISHED_AT,
            new Column("queue_ms", Type.DOUBLE, entry -> entry.queueMicros() / 1000.0),
            DURATION,
            new Column("memory_peak", Type.LONG, InvocationEntry::memoryPeakBytes),
            new Column("log", Type.JSON, entry -> json(entry.log())),
            new Column("log_truncated", Type.BOOLEAN, InvocationEntry::logTruncated),
            new Column("request_topic", Type.TEXT, entry -> entry.request().topic()),
            new Column("request_partition", Type.INTEGER, entry -> entry.request().partition()),
            new Column("request_offset", Type.LONG, entry -> entry.request().offset()),
            WORKER,
            new Column("cause", Type.UUID, entry -> uuid(entry.lineage().cause())),
            new Column("depth", Type.INTEGER, entry -> entry.lineage().depth()),
            new Column("replay_of", Type.UUID, entry -> uuid(entry.lineage().replayOf())),
            new Column("retry_at", Type.TIME, InvocationEntry::retryAt),
            new Column("result_topic", Type.TEXT, entry -> entry.result() == null ? null : entry.result().topic()),
            new Column("result_partition", Type.INTEGER, entry -> entry.result() == null ? null : entry.result().partition()),
            new Column("result_offset", Type.LONG, entry -> entry.result() == null ? null : entry.result().offset()));

    private static final String WRITE = """
            INSERT INTO aerodb.function_invocations AS i (%s)
            SELECT %s FROM %s
            ON CONFLICT (id, accepted_at) DO UPDATE SET %s, past_attempts = CASE WHEN i.status = 'scheduled' AND i.finished_at IS NOT NULL
                THEN CASE WHEN jsonb_array_length(i.past_attempts) < %d THEN i.past_attempts ELSE i.past_attempts - 0 END || %s
                ELSE i.past_attempts END
            WHERE %s < %s""".formatted(
            names(ROW), values(ROW), given(ROW),
            ROW.stream().filter(column -> !KEY.contains(column)).map(column -> column.name() + " = excluded." + column.name())
                    .collect(Collectors.joining(", ")),
            MAX_PAST_ATTEMPTS, ENDED.formatted("i"),
            RANK.formatted("i"), RANK.formatted("excluded"));

    /** Only what made a row, or changed it, is due: the same entry again may be about an attempt that has been on its way for long. */
    private static final String WRITE_AND_SCHEDULE = """
            WITH written AS (%s RETURNING i.*)
            INSERT INTO aerodb.due_invocations AS d
                (id, attempt, due_at, accepted_at, function_id, function, request_topic, request_partition, request_offset)
            SELECT id, attempt + (finished_at IS NOT NULL)::integer, retry_at, accepted_at, function_id, function,
                request_topic, request_partition, request_offset
            FROM written WHERE retry_at IS NOT NULL
            ON CONFLICT (id) DO UPDATE SET attempt = excluded.attempt, due_at = excluded.due_at, accepted_at = excluded.accepted_at,
                function_id = excluded.function_id, function = excluded.function, request_topic = excluded.request_topic,
                request_partition = excluded.request_partition, request_offset = excluded.request_offset
            WHERE (d.accepted_at, d.attempt) < (excluded.accepted_at, excluded.attempt)""".formatted(WRITE);

    /** For what came late, or together with what follows it. The end that a row itself tells of is not past yet. */
    private static final String ADD_PAST_ATTEMPTS = """
            WITH told AS (
                SELECT e.id, e.accepted_at, e.attempt, min(%s::text)::jsonb AS ended FROM (SELECT %s FROM %s) AS e
                GROUP BY e.id, e.accepted_at, e.attempt),
            added AS (
                SELECT i.id, i.accepted_at, jsonb_agg(told.ended) AS ends
                FROM told JOIN aerodb.function_invocations AS i ON i.id = told.id AND i.accepted_at = told.accepted_at
                WHERE i.accepted_at BETWEEN %s ? AND %s ?
                    AND NOT (i.status = 'scheduled' AND i.finished_at IS NOT NULL AND i.attempt <= told.attempt)
                    AND NOT i.past_attempts @> jsonb_build_array(jsonb_build_object('attempt', told.attempt))
                GROUP BY i.id, i.accepted_at)
            UPDATE aerodb.function_invocations AS i SET past_attempts = (
                SELECT jsonb_agg(kept.ended ORDER BY (kept.ended ->> 'attempt')::integer)
                FROM (SELECT DISTINCT ON ((ended ->> 'attempt')::integer) ended FROM jsonb_array_elements(i.past_attempts || added.ends) AS ended
                    ORDER BY (ended ->> 'attempt')::integer DESC LIMIT %d) AS kept)
            FROM added WHERE i.id = added.id AND i.accepted_at = added.accepted_at AND i.accepted_at BETWEEN %s ? AND %s ?"""
            .formatted(ENDED.formatted("e"), values(END), given(END), EPOCH, EPOCH, MAX_PAST_ATTEMPTS, EPOCH, EPOCH);

    private static final String CALL_OFF = """
            DELETE FROM aerodb.due_invocations AS d USING (SELECT %s FROM %s) AS e
            WHERE d.id = e.id AND d.accepted_at = e.accepted_at""".formatted(values(KEY), given(KEY));

    private InvocationWrites() {}

    private enum Type {
        UUID("text", "%s::uuid"),
        TIME("int8", EPOCH + "%s"),
        TEXT("text", "%s"),
        JSON("text", "%s::jsonb"),
        INTEGER("int4", "%s"),
        LONG("int8", "%s"),
        DOUBLE("float8", "%s"),
        BOOLEAN("bool", "%s");

        /** How it is sent; the driver has a binary form for arrays of these. */
        private final String sent;
        private final String read;

        Type(String sent, String read) {
            this.sent = sent;
            this.read = read;
        }

        Object[] array(int length) {
            return switch (this) {
                case UUID, TEXT, JSON -> new String[length];
                case TIME, LONG -> new Long[length];
                case INTEGER -> new Integer[length];
                case DOUBLE -> new Double[length];
                case BOOLEAN -> new Boolean[length];
            };
        }
    }

    private record Column(String name, Type type, Function<InvocationEntry, @Nullable Object> value) {

        Object[] of(List<InvocationEntry> entries) {
            var array = type.array(entries.size());
            for (var i = 0; i < array.length; i++) {
                var element = value.apply(entries.get(i));
                array[i] = switch (element) {
                    case UUID uuid -> uuid.toString();
                    case Instant time -> micros(time);
                    case null, default -> element;
                };
            }
            return array;
        }
    }

    /** Everything in the transaction of {@code connection}. */
    static void write(Connection connection, EntryBatch batch) throws SQLException {
        var latest = RepeatedMessages.leftOut(connection, batch.latest());
        var scheduled = latest.stream().filter(EntryBatch::isScheduled).toList();
        var others = latest.stream().filter(entry -> !EntryBatch.isScheduled(entry)).toList();
        update(connection, WRITE, ROW, others);
        update(connection, WRITE_AND_SCHEDULE, ROW, scheduled);
        addPastAttempts(connection, batch.retried());
        update(connection, CALL_OFF, KEY, others.stream().filter(InvocationWrites::mayBeDue).toList());
        RepeatedMessages.remove(connection, latest);
    }

    /**
     * Calls have no other attempts. The end of an event's first attempt may come late, when the worker was taken for lost and another
     * one has the next attempt due.
     */
    private static boolean mayBeDue(InvocationEntry entry) {
        return EntryBatch.isTerminal(entry) && (entry.attempt() > 1 || entry.request().topic().equals(Topics.EVENTS)
                || entry.status().equals(InvocationStatus.CANCELLED.label()));
    }

    private static void addPastAttempts(Connection connection, List<InvocationEntry> ends) throws SQLException {
        if (ends.isEmpty()) {
            return;
        }
        // partitions that none of them is in need not be looked at
        var earliest = ends.stream().mapToLong(end -> micros(end.acceptedAt())).min().getAsLong();
        var latest = ends.stream().mapToLong(end -> micros(end.acceptedAt())).max().getAsLong();
        try (var update = connection.prepareStatement(ADD_PAST_ATTEMPTS)) {
            bind(update, END, ends);
            for (var i = 0; i < 4; i++) {
                update.setLong(END.size() + i + 1, i % 2 == 0 ? earliest : latest);
            }
            update.executeUpdate();
        }
    }

    private static void update(Connection connection, String sql, List<Column> columns, List<InvocationEntry> entries) throws SQLException {
        if (entries.isEmpty()) {
            return;
        }
        try (var statement = connection.prepareStatement(sql)) {
            bind(statement, columns, entries);
            statement.executeUpdate();
        }
    }

    private static void bind(PreparedStatement statement, List<Column> columns, List<InvocationEntry> entries) throws SQLException {
        for (var i = 0; i < columns.size(); i++) {
            var column = columns.get(i);
            statement.setArray(i + 1, statement.getConnection().createArrayOf(column.type().sent, column.of(entries)));
        }
    }

    private static String names(List<Column> columns) {
        return columns.stream().map(Column::name).collect(Collectors.joining(", "));
    }

    private static String values(List<Column> columns) {
        return columns.stream().map(column -> column.type().read.formatted("x." + column.name()) + " AS " + column.name())
                .collect(Collectors.joining(", "));
    }

    private static String given(List<Column> columns) {
        var arrays = columns.stream().map(column -> "?::" + column.type().sent + "[]").collect(Collectors.joining(", "));
        return "unnest(" + arrays + ") AS x(" + names(columns) + ")";
    }

    private static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    private static @Nullable UUID uuid(@Nullable InvocationId id) {
        return id == null ? null : id.value();
    }

    private static String json(List<LogLine> log) {
        if (log.isEmpty()) {
            return "[]";
        }
        try {
            return MAPPER.writeValueAsString(log.stream()
                    .map(line -> new LogLine(line.level(), line.offsetMillis(), StorableText.of(line.message())))
                    .toList());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("log lines can always be written", e);
        }
    }
}
