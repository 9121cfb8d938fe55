package io.aerodb.functions.gateway.function;

import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfigJson;
import io.aerodb.functions.function.FunctionSecret;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

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

    /** Their values are never shown. */
    private static JsonArray secrets(List<FunctionSecret> secrets) {
        var shown = new JsonArray();
        secrets.forEach(secret -> shown.add(new JsonObject().put("key", secret.key()).put("updated_at", secret.updatedAt().toString())));
        return shown;
    }
}
