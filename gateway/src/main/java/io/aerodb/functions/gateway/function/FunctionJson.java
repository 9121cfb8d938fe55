package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfigJson;
import io.aerodb.functions.function.FunctionSecret;
import io.aerodb.functions.function.FunctionVersion;
import io.aerodb.functions.gateway.http.Answers;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Functions as the API shows them. */
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

    /** Answers with a function, and with the tag that guards a later change of it. */
    static void answer(RoutingContext context, int status, DeployedFunction function, Instant now) {
        answer(context, status, function, now, Set.of());
    }

    /** @param nowFull tables whose replica identity was set to {@code FULL} for the function's triggers */
    static void answer(RoutingContext context, int status, DeployedFunction function, Instant now, Set<String> nowFull) {
        if (!context.response().headWritten()) {
            context.response().putHeader(HttpHeaders.ETAG, IfMatch.tag(function));
        }
        var json = metadata(function).put("triggers", FunctionTriggers.describe(function, now));
        if (!nowFull.isEmpty()) {
            json.put("replica_identity_full", new JsonArray(List.copyOf(nowFull)));
        }
        Answers.json(context, status, json);
    }

    static JsonObject version(FunctionVersion version) {
        var config = FunctionConfigJson.shown(version.config());
        config.remove("enabled"); // that is of the function
        return new JsonObject()
                .put("version", version.number())
                .put("active", version.isActive())
                .put("wasm_hash", version.module().hex())
                .put("wasm_bytes", version.moduleBytes())
                .put("config", new JsonObject(config))
                .put("created_at", version.createdAt().toString());
    }

    /** Their values are never shown. */
    private static JsonArray secrets(List<FunctionSecret> secrets) {
        var shown = new JsonArray();
        secrets.forEach(secret -> shown.add(new JsonObject().put("key", secret.key()).put("updated_at", secret.updatedAt().toString())));
        return shown;
    }
}
