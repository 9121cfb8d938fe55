package io.aerodb.functions.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.secret.SealedValue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigPatchTest {

    private static final SealedValue SEALED = new SealedValue("k1", "00ff");
    private static final FunctionConfig BEFORE = FunctionConfigJson.parse("""
            {"timeout_ms": 2000, "memory_mb": 16, "allowed_hosts": ["api.example.com"], "concurrency": 7,
             "retry": {"max_attempts": 3, "min_delay_ms": 200}, "rate_limit": {"per_second": 5, "burst": 9}, "env": {"A": "1", "B": "2"}}""")
            .withEnv(Map.of("A", "1", "B", "2"), Map.of("API_KEY", SEALED));

    @Test
    void changesWhatItNamesAndNothingElse() {
        var after = patched("{\"timeout_ms\": 3000}");
        assertEquals(Duration.ofSeconds(3), after.limits().timeout());
        assertEquals(BEFORE, FunctionConfigJson.read(FunctionConfigJson.write(patched("{}"))));
        assertEquals(BEFORE, patch(after, "{\"timeout_ms\": 2000}"));
    }

    @Test
    void bringsBackDefaultsWithNull() {
        var after = patched("{\"timeout_ms\": null, \"concurrency\": null, \"rate_limit\": null, \"retry\": null, \"allowed_hosts\": null, \"env\": null}");
        assertEquals(Duration.ofSeconds(10), after.limits().timeout());
        assertEquals(OptionalInt.empty(), after.admission().concurrency());
        assertTrue(after.admission().rateLimit().isEmpty());
        assertEquals(RetryPolicy.DEFAULT, after.retry());
        assertEquals(AllowedHosts.NONE, after.allowedHosts());
        assertEquals(Map.of(), after.env());
        assertEquals(Map.of(), after.sealedEnv());
        assertEquals(16 << 20, after.limits().memoryBytes());
    }

    @Test
    void leavesTriggersThatItDoesNotNameAsTheyAre() {
        var stored = FunctionConfigJson.read("{\"triggers\": [{\"type\": \"moon\"}, {\"type\": \"schedule\", \"cron\": \"@hourly\"}]}");
        var after = patch(stored, "{\"enabled\": false}");
        assertEquals(stored.triggers(), after.triggers());
        assertEquals(stored.withEnabled(false), FunctionConfigJson.read(FunctionConfigJson.write(after)));
        assertEquals(List.of(), patch(stored, "{\"triggers\": null}").triggers());
        assertEquals(1, patch(stored, "{\"triggers\": [{\"type\": \"schedule\", \"cron\": \"@daily\"}]}").triggers().size());
        assertThrows(InvalidFunctionException.class, () -> patch(stored, "{\"triggers\": [{\"type\": \"moon\"}]}"));
    }

    @Test
    void goesIntoObjectsAndReplacesArrays() {
        var after = patched("""
                {"retry": {"max_attempts": 4, "min_delay_ms": null, "on": ["timeout"]}, "rate_limit": {"per_second": 6}, "circuit_breaker": {},
                 "env": {"A": "one", "B": null, "C": "3"}}""");
        assertEquals(4, after.retry().maxAttempts());
        assertEquals(RetryPolicy.DEFAULT.minDelay(), after.retry().minDelay());
        assertEquals(1, after.retry().on().size());
        assertEquals(new RateLimit(6, 9), after.admission().rateLimit().orElseThrow());
        assertEquals(CircuitPolicy.DEFAULT, after.admission().circuitBreaker().orElseThrow());
        assertEquals(Map.of("A", "one", "C", "3"), after.env());
    }

    @Test
    void keepsSensitiveVariablesUnlessTheyAreChanged() {
        assertEquals(Map.of("API_KEY", SEALED), patched("{\"env\": {\"A\": \"one\"}}").sealedEnv());
        assertEquals(Map.of("API_KEY", SEALED), patched("{\"env\": {\"API_KEY\": \"***REDACTED***\"}}").sealedEnv());
        var changed = patched("{\"env\": {\"API_KEY\": \"new\"}}");
        assertEquals(Map.of(), changed.sealedEnv());
        assertEquals("new", changed.env().get("API_KEY"));
        assertEquals(Map.of(), patched("{\"env\": {\"API_KEY\": null}}").sealedEnv());
    }

    @Test
    void takesBackTheWholeConfigurationAsItIsShown() {
        assertEquals(BEFORE, patched(FunctionConfigJson.marked(BEFORE).toString()));
    }

    @Test
    void keepsWhatWasStoredBeforeThereWasAKeyToEncryptItUnder() {
        var open = BEFORE.withEnv(Map.of("DB_PASSWORD", "plain"), Map.of());
        assertEquals(open, patch(open, "{\"env\": {\"DB_PASSWORD\": \"***REDACTED***\"}}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"colour\": 1} | unknown member 'colour'",
        "{\"colour\": null} | unknown member 'colour'",
        "{\"sealed_env\": {}} | unknown member 'sealed_env'",
        "{\"retry\": {\"tries\": null}} | config.retry has an unknown member 'tries'",
        "{\"retry\": 3} | config.retry must be an object",
        "{\"timeout_ms\": \"fast\"} | config.timeout_ms must be an integer",
        "{\"timeout_ms\": 1} | timeout_ms is 1",
        "{\"enabled\": 1} | config.enabled must be true or false",
        "{\"env\": []} | config.env must be an object",
        "{\"env\": {\"A\": 1}} | config.env.A must be text",
        "{\"env\": {\"NEW_TOKEN\": \"***REDACTED***\"}} | config.env.NEW_TOKEN has the mark",
        "{\"allowed_hosts\": [null]} | config.allowed_hosts must be an array of text",
        "{\"env\": {}, \"env\": {}} | not valid JSON",
        "[] | must be a JSON object",
        "null | must be a JSON object",
        "{\"enabled\": | not valid JSON",
        "{} {} | not valid JSON",
    })
    void namesWhatIsWrong(String patch, String message) {
        var refusal = assertThrows(InvalidFunctionException.class, () -> patched(patch));
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    }

    private static FunctionConfig patched(String patch) {
        return patch(BEFORE, patch);
    }

    private static FunctionConfig patch(FunctionConfig config, String patch) {
        return ConfigPatch.parse(patch).applyTo(config);
    }
}
