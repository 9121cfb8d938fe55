package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfigJson;
import io.aerodb.functions.function.FunctionSecret;
import io.aerodb.functions.invocation.InvocationEntry;
import io.aerodb.functions.invocation.LogLine;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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

    static JsonObject invocation(InvocationEntry invocation) {
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
            json.put("error", new JsonObject(Map.of("code", invocation.code(), "message", String.valueOf(invocation.error()))));
        }
        var lines = new JsonArray();
        invocation.log().forEach(line -> lines.add(logLine(line)));
        return json.put("log", lines).put("log_truncated", invocation.logTruncated());
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
