package io.aerodb.functions.gateway.outcome;

import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.RecordPosition;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Invocations as the API shows them. */
public final class InvocationJson {

    private InvocationJson() {}

    /** Members that most invocations have nothing to say for are left out. */
    public static JsonObject of(InvocationEntry entry) {
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
            json.put("error", new JsonObject(Map.of("code", entry.code(), "message", String.valueOf(entry.error()))));
        }
        putIfKnown(json, "cause", text(entry.lineage().cause()));
        putIfKnown(json, "depth", entry.lineage().depth() == 0 ? null : entry.lineage().depth());
        putIfKnown(json, "replay_of", text(entry.lineage().replayOf()));
        putIfKnown(json, "retry_at", text(entry.retryAt()));
        var lines = new JsonArray();
        entry.log().forEach(line -> lines.add(logLine(line)));
        return json.put("log", lines).put("log_truncated", entry.logTruncated());
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
