package io.aerodb.functions.gateway.outcome;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationStatus;
import io.aerodb.functions.invocation.Lineage;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.RecordPosition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rows of {@code function_invocations} by their ids, with what their claims add. Methods block, and throw
 * {@link io.aerodb.functions.lifecycle.UnavailableException} while PostgreSQL is away.
 */
public final class StoredInvocations {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final TypeReference<List<LogLine>> LOG_LINES = new TypeReference<>() {};

    /** The table is cut up by days; how far the clock of one gateway may be from that of another is a guess, and a safe one. */
    private static final Duration CLOCKS_APART = Duration.ofHours(1);
    private static final Instant EVER = Instant.parse("2000-01-01T00:00:00Z");

    private static final String FIND = """
            SELECT i.*, i.status IN ('accepted', 'scheduled') AND EXISTS (
                SELECT FROM aerodb.invocation_claims c JOIN aerodb.instances s ON s.name = c.worker
                WHERE c.id = i.id AND c.accepted_at = i.accepted_at AND s.lease_until > now()
                    AND c.attempt >= i.attempt + (i.finished_at IS NOT NULL)::integer) AS is_running
            FROM aerodb.function_invocations i
            WHERE i.id = ANY (?) AND i.accepted_at >= ?
            ORDER BY i.accepted_at""";

    private final Database database;

    public StoredInvocations(Database database) {
        this.database = database;
    }

    /** Empty also while the recorder has not got to it. */
    public Optional<StoredInvocation> find(InvocationId id) {
        return find(List.of(id)).stream().findFirst();
    }

    List<StoredInvocation> find(Collection<InvocationId> ids) {
        var earliest = ids.stream().map(id -> id.time().map(time -> time.minus(CLOCKS_APART)).orElse(EVER))
                .min(Instant::compareTo).filter(EVER::isBefore).orElse(EVER);
        return database.run(connection -> {
            try (var select = connection.prepareStatement(FIND)) {
                select.setArray(1, connection.createArrayOf("uuid", ids.stream().map(InvocationId::value).toArray()));
                select.setObject(2, earliest.atOffset(ZoneOffset.UTC));
                var found = new ArrayList<StoredInvocation>();
                for (var rows = select.executeQuery(); rows.next();) {
                    found.add(new StoredInvocation(entry(rows)));
                }
                return found;
            }
        });
    }

    private static InvocationEntry entry(ResultSet row) throws SQLException {
        return new InvocationEntry(
                row.getObject("id", UUID.class),
                row.getObject("function_id", UUID.class),
                row.getString("function"),
                row.getInt("version"),
                row.getString("trigger"),
                row.getBoolean("is_running") ? InvocationStatus.RUNNING.label() : row.getString("status"),
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
                time(row, "retry_at"),
                row.getString("result_topic") == null ? null
                        : new RecordPosition(row.getString("result_topic"), row.getInt("result_partition"), row.getLong("result_offset")),
                row.getString("worker"));
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
}
