package io.aerodb.functions.invocation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How rows of {@code function_invocations} are read. */
final class InvocationRows {

    /**
     * All columns of {@code i}, and whether it runs: a worker whose lease holds has claimed an attempt that no entry has told the end of.
     * A claim stays when its attempt is over.
     */
    static final String COLUMNS = """
            i.*, i.status IN ('accepted', 'scheduled') AND EXISTS (
                SELECT FROM aerodb.invocation_claims c JOIN aerodb.instances s ON s.name = c.worker
                WHERE c.id = i.id AND c.accepted_at = i.accepted_at AND s.lease_until > now()
                    AND c.attempt >= i.attempt + (i.finished_at IS NOT NULL)::integer) AS is_running""";

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final TypeReference<List<LogLine>> LOG_LINES = new TypeReference<>() {};

    private InvocationRows() {}

    static List<InvocationEntry> entries(ResultSet rows) throws SQLException {
        var entries = new ArrayList<InvocationEntry>();
        while (rows.next()) {
            entries.add(entry(rows));
        }
        return entries;
    }

    private static InvocationEntry entry(ResultSet row) throws SQLException {
        var isRunning = row.getBoolean("is_running");
        return new InvocationEntry(
                row.getObject("id", UUID.class),
                row.getObject("function_id", UUID.class),
                row.getString("function"),
                row.getInt("version"),
                row.getString("trigger"),
                isRunning ? InvocationStatus.RUNNING.label() : row.getString("status"),
                row.getString("error_code"),
                row.getString("error_message"),
                row.getString("role"),
                row.getString("run_as"),
                row.getString("user_id"),
                row.getInt("attempt"),
                row.getObject("accepted_at", OffsetDateTime.class).toInstant(),
                time(row, "started_at"),
                time(row, "finished_at"),
                Math.round(row.getDouble("queue_ms") * 1000),
                Math.round(row.getDouble("duration_ms") * 1000),
                row.getLong("memory_peak"),
                logLines(row.getString("log")),
                row.getBoolean("log_truncated"),
                new RecordPosition(row.getString("request_topic"), row.getInt("request_partition"), row.getLong("request_offset")),
                new Lineage(id(row, "cause"), row.getInt("depth"), id(row, "replay_of")),
                isRunning ? null : time(row, "retry_at"),
                result(row),
                row.getString("worker"));
    }

    /** From what {@link InvocationWrites} wrote. */
    static List<PastAttempt> pastAttempts(String json) {
        var attempts = new ArrayList<PastAttempt>();
        for (var attempt : tree(json)) {
            attempts.add(new PastAttempt(
                    attempt.path("attempt").asInt(),
                    attempt.path("code").textValue(),
                    attempt.path("error").textValue(),
                    Instant.parse(attempt.path("finished_at").asText()),
                    Math.round(attempt.path("duration_ms").asDouble() * 1000),
                    attempt.path("worker").asText()));
        }
        return attempts;
    }

    private static @Nullable RecordPosition result(ResultSet row) throws SQLException {
        var topic = row.getString("result_topic");
        return topic == null ? null : new RecordPosition(topic, row.getInt("result_partition"), row.getLong("result_offset"));
    }

    private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
        var time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static @Nullable InvocationId id(ResultSet row, String column) throws SQLException {
        var id = row.getObject(column, UUID.class);
        return id == null ? null : new InvocationId(id);
    }

    private static List<LogLine> logLines(String json) {
        try {
            return MAPPER.readValue(json, LOG_LINES);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the log column holds what we wrote", e);
        }
    }

    private static JsonNode tree(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the column past_attempts holds what we wrote", e);
        }
    }
}
