package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfigJson;
import io.aerodb.functions.function.FunctionSecret;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.PastAttempt;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Functions and invocations as the API shows them. */
final class FunctionJson {

    private FunctionJson() {}

    static JsonObject metadata(DeployedFunction function) {
        return new JsonObject()
                .put("id", function.id().toString())
                .put("name", function.name().value())
                .put("enabled", function.config().enabled())
                .put("version", function.version())
                .put("wasm_hash", function.module().hex())
                .put("wasm_bytes", function.moduleBytes())
                .put("config", new JsonObject(FunctionConfigJson.shown(function.config())))
                .put("secrets", secrets(function.secrets()))
                .put("created_at", function.createdAt().toString())
                .put("updated_at", function.updatedAt().toString());
    }

    /** With everything that is told of one function, and not in lists. */
    static JsonObject described(DeployedFunction function, Instant now) {
        return metadata(function).put("triggers", FunctionTriggers.describe(function, now));
    }

    static JsonObject invocation(InvocationEntry invocation) {
        return invocation(invocation, List.of());
    }

    /** Members that most invocations have nothing to say for are left out. */
    static JsonObject invocation(InvocationEntry invocation, List<PastAttempt> pastAttempts) {
        var json = new JsonObject()
                .put("id", invocation.id().toString())
                .put("function", invocation.function())
                .put("version", invocation.version())
                .put("trigger", invocation.trigger())
                .put("status", invocation.status())
                .put("duration_ms", invocation.runMicros() / 1000.0)
                .put("queue_ms", invocation.queueMicros() / 1000.0)
                .put("memory_peak_bytes", invocation.memoryPeakBytes())
                .put("role", invocation.role())
                .put("run_as", invocation.runAs())
                .put("user_id", invocation.user())
                .put("attempt", invocation.attempt())
                .put("accepted_at", invocation.acceptedAt().toString())
                .put("started_at", invocation.startedAt() == null ? null : invocation.startedAt().toString())
                .put("finished_at", invocation.finishedAt() == null ? null : invocation.finishedAt().toString())
                .put("worker", invocation.worker())
                .put("request", new JsonObject()
                        .put("topic", invocation.request().topic())
                        .put("partition", invocation.request().partition())
                        .put("offset", invocation.request().offset()));
        if (invocation.code() != null) {
            json.put("error", error(invocation.code(), invocation.error()));
        }
        if (invocation.lineage().cause() != null) {
            json.put("cause", invocation.lineage().cause().toString());
        }
        if (invocation.lineage().depth() > 0) {
            json.put("depth", invocation.lineage().depth());
        }
        if (invocation.lineage().replayOf() != null) {
            json.put("replay_of", invocation.lineage().replayOf().toString());
        }
        if (invocation.retryAt() != null) {
            json.put("retry_at", invocation.retryAt().toString());
        }
        if (!pastAttempts.isEmpty()) {
            json.put("past_attempts", new JsonArray(pastAttempts.stream().map(FunctionJson::pastAttempt).toList()));
        }
        var lines = new JsonArray();
        invocation.log().forEach(line -> lines.add(logLine(line)));
        return json.put("log", lines).put("log_truncated", invocation.logTruncated());
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

    /** Their values are never shown. */
    private static JsonArray secrets(List<FunctionSecret> secrets) {
        var shown = new JsonArray();
        secrets.forEach(secret -> shown.add(new JsonObject().put("key", secret.key()).put("updated_at", secret.updatedAt().toString())));
        return shown;
    }

    private static JsonObject logLine(LogLine line) {
        return new JsonObject()
                .put("level", line.level().name().toLowerCase(Locale.ROOT))
                .put("offset_ms", line.offsetMillis())
                .put("message", line.message());
    }
}
