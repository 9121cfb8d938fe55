package io.aerodb.functions.gateway.outcome;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.InvocationLog;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.PastAttempt;
import io.aerodb.functions.invocation.RecordPosition;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Invocations as the API shows them. */
public final class InvocationJson {

    private InvocationJson() {}

    /** Looks for invocations, and shows a page of them, and where the next one begins. Blocks. */
    public static JsonObject page(InvocationLog log, InvocationLog.Search search) {
        var page = log.search(search);
        var pastAttempts = log.pastAttempts(page);
        var invocations = new JsonArray();
        page.forEach(entry -> invocations.add(of(entry, pastAttempts.getOrDefault(entry, List.of()))));
        return new JsonObject().put("invocations", invocations).put("next", LogQuery.next(page, search.limit()));
    }

    /** Blocks while the attempts before are looked up. */
    static JsonObject of(InvocationLog log, InvocationEntry entry) {
        return of(entry, log.pastAttempts(List.of(entry)).getOrDefault(entry, List.of()));
    }

    /** Members that most invocations have nothing to say for are left out. */
    public static JsonObject of(InvocationEntry entry, List<PastAttempt> pastAttempts) {
        var json = new JsonObject()
                .put("id", entry.id().toString())
                .put("function", entry.function())
                .put("version", entry.version())
                .put("trigger", entry.trigger())
                .put("status", entry.status())
                .put("duration_ms", entry.runMicros() / 1000.0)
                .put("queue_ms", entry.queueMicros() / 1000.0)
                .put("memory_peak_bytes", entry.memoryPeakBytes())
                .put("role", entry.role())
                .put("run_as", entry.runAs())
                .put("user_id", entry.user())
                .put("attempt", entry.attempt())
                .put("accepted_at", entry.acceptedAt().toString())
                .put("started_at", text(entry.startedAt()))
                .put("finished_at", text(entry.finishedAt()))
                .put("worker", entry.worker())
                .put("request", position(entry.request()));
        if (entry.code() != null) {
            json.put("error", error(entry.code(), entry.error()));
        }
        putIfKnown(json, "cause", text(entry.lineage().cause()));
        putIfKnown(json, "depth", entry.lineage().depth() == 0 ? null : entry.lineage().depth());
        putIfKnown(json, "replay_of", text(entry.lineage().replayOf()));
        putIfKnown(json, "retry_at", text(entry.retryAt()));
        if (!pastAttempts.isEmpty()) {
            json.put("past_attempts", new JsonArray(pastAttempts.stream().map(InvocationJson::pastAttempt).toList()));
        }
        var lines = new JsonArray();
        entry.log().forEach(line -> lines.add(logLine(line)));
        return json.put("log", lines).put("log_truncated", entry.logTruncated());
    }

    private static JsonObject pastAttempt(PastAttempt attempt) {
        var json = new JsonObject()
                .put("attempt", attempt.attempt())
                .put("duration_ms", attempt.runMicros() / 1000.0)
                .put("finished_at", attempt.finishedAt().toString())
                .put("worker", attempt.worker());
        return attempt.code() == null ? json : json.put("error", error(attempt.code(), attempt.error()));
    }

    private static JsonObject error(String code, @Nullable String message) {
        return new JsonObject(Map.of("code", code, "message", String.valueOf(message)));
    }

    private static void putIfKnown(JsonObject json, String member, @Nullable Object value) {
        if (value != null) {
            json.put(member, value);
        }
    }

    private static JsonObject position(RecordPosition position) {
        return new JsonObject().put("topic", position.topic()).put("partition", position.partition()).put("offset", position.offset());
    }

    private static JsonObject logLine(LogLine line) {
        return new JsonObject()
                .put("level", line.level().name().toLowerCase(Locale.ROOT))
                .put("offset_ms", line.offsetMillis())
                .put("message", line.message());
    }

    private static @Nullable String text(@Nullable Object value) {
        return Objects.toString(value, null);
    }
}
