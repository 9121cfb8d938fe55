package io.aerodb.functions.gateway.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.AdmissionPolicy;
import io.aerodb.functions.function.AllowedHosts;
import io.aerodb.functions.function.Delivery;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfig;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionSecret;
import io.aerodb.functions.function.Limits;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.function.RetryPolicy;
import io.aerodb.functions.function.RunAs;
import io.aerodb.functions.secret.SealedValue;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionJsonTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void describesAFunction() {
        var hash = ModuleHash.of(new byte[] {1});
        var json = FunctionJson.metadata(new DeployedFunction(new UUID(1, 2), new FunctionName("hello"), 3, hash, 1234,
                new FunctionConfig(false, true, RunAs.CALLER, AllowedHosts.NONE, Limits.DEFAULT, Delivery.AT_LEAST_ONCE, RetryPolicy.DEFAULT, AdmissionPolicy.NONE, List.of(), Map.of("MODE", "fast"), Map.of("API_KEY", new SealedValue("k1", "00"))), 9, NOW, NOW.plusSeconds(1),
                List.of(new FunctionSecret("STRIPE", new SealedValue("k1", "11"), NOW))));
        assertEquals(new JsonObject()
                .put("id", new UUID(1, 2).toString())
                .put("name", "hello")
                .put("enabled", false)
                .put("version", 3)
                .put("wasm_hash", hash.hex())
                .put("wasm_bytes", 1234)
                .put("config", new JsonObject().put("enabled", false).put("verify_jwt", true).put("run_as", "caller").put("allowed_hosts", new JsonArray()).put("timeout_ms", 10_000).put("memory_mb", 128)
                        .put("delivery", "at_least_once")
                        .put("retry", new JsonObject().put("max_attempts", 5).put("min_delay_ms", 1000).put("max_delay_ms", 300_000).put("max_age_ms", 86_400_000)
                                .put("on", new JsonArray().add("host_function_error").add("timeout").add("unavailable").add("worker_lost")))
                        .put("triggers", new JsonArray())
                        .put("env", new JsonObject().put("API_KEY", "***REDACTED***").put("MODE", "fast")))
                .put("secrets", new JsonArray().add(new JsonObject().put("key", "STRIPE").put("updated_at", "2026-01-01T00:00:00Z")))
                .put("created_at", "2026-01-01T00:00:00Z")
                .put("updated_at", "2026-01-01T00:00:01Z"), new JsonObject(json.encode()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"API_KEY", "STRIPE_API_KEY", "stripe_apikey", "SECRET", "JWT_SECRET_OLD", "db_password", "GITHUB_TOKEN", "Token"})
    void showsTheNameOfASecretAndNotItsValue(String name) {
        var text = metadata(Map.of(name, "s3cret-value")).encode();
        assertFalse(text.contains("s3cret-value"), text);
        assertTrue(text.contains("\"" + name + "\":\"***REDACTED***\""), text);
    }

    @Test
    void tellsAnEmptySecretFromNothing() {
        assertEquals("***REDACTED***", metadata(Map.of("API_KEY", "")).getJsonObject("config").getJsonObject("env").getString("API_KEY"));
    }

    private static JsonObject metadata(Map<String, String> env) {
        return FunctionJson.metadata(new DeployedFunction(new UUID(1, 2), new FunctionName("hello"), 3, ModuleHash.of(new byte[] {1}), 1,
                new FunctionConfig(true, true, RunAs.CALLER, AllowedHosts.NONE, Limits.DEFAULT, env), 9, NOW, NOW, List.of()));
    }
}
