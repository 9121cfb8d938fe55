package io.aerodb.functions.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FunctionConfigJsonTest {

    @Test
    void givesDefaultsForWhatIsLeftOut() {
        assertEquals(FunctionConfig.DEFAULT, FunctionConfigJson.parse("{}"));
        assertEquals(Duration.ofSeconds(10), FunctionConfig.DEFAULT.limits().timeout());
        assertEquals(128 << 20, FunctionConfig.DEFAULT.limits().memoryBytes());
    }

    @Test
    void readsEveryMember() {
        var config = FunctionConfigJson.parse("""
                {"enabled": false, "verify_jwt": false, "run_as": "service_role", "allowed_hosts": ["API.example.com"], "timeout_ms": 2500, "memory_mb": 16, "env": {"GREETING": "Hi"}}""");
        assertEquals(new FunctionConfig(false, false, RunAs.SERVICE, AllowedHosts.parse(List.of("api.example.com")), new Limits(Duration.ofMillis(2500), 16 << 20), Map.of("GREETING", "Hi")), config);
    }

    @Test
    void readsWhichPagesMayCall() {
        assertEquals(CorsOrigins.ANY, FunctionConfigJson.parse("{}").corsOrigins());
        var own = FunctionConfigJson.parse("{\"cors_origins\": [\"https://a.example:8443\"]}");
        assertEquals(Optional.of("https://a.example:8443"), own.corsOrigins().allowed("https://a.example:8443"));
        assertEquals(Optional.empty(), own.corsOrigins().allowed("https://a.example"));
        assertEquals(own, FunctionConfigJson.read(FunctionConfigJson.write(own)));
        assertEquals(Optional.empty(), FunctionConfigJson.parse("{\"cors_origins\": []}").corsOrigins().allowed("https://a.example"));
    }

    @Test
    void readsHowItIsDeliveredAndAdmitted() {
        var config = FunctionConfigJson.parse("""
                {"delivery": "at_most_once", "retry": {"max_attempts": 3, "min_delay_ms": 200, "max_delay_ms": 400, "max_age_ms": 5000, "on": ["function_error"]},
                "concurrency": 7, "caller_concurrency": 2, "rate_limit": {"per_second": 5}, "circuit_breaker": {"failure_percent": 80}}""");
        assertEquals(Delivery.AT_MOST_ONCE, config.delivery());
        assertEquals(new RetryPolicy(3, Duration.ofMillis(200), Duration.ofMillis(400), Duration.ofSeconds(5), Set.of(RetryPolicy.Cause.FUNCTION_ERROR)), config.retry());
        assertEquals(new AdmissionPolicy(OptionalInt.of(7), OptionalInt.of(2), Optional.of(new RateLimit(5, 5)),
                Optional.of(new CircuitPolicy(80, Duration.ofMinutes(5), 20, Duration.ofSeconds(30)))), config.admission());
        assertEquals(config, FunctionConfigJson.read(FunctionConfigJson.write(config)));
    }

    @Test
    void survivesTheRegistry() {
        var config = new FunctionConfig(true, false, RunAs.CALLER, AllowedHosts.NONE, new Limits(Duration.ofSeconds(1), 1 << 20), Map.of("API_KEY", "s3cret", "A", "ä\"\\"));
        assertEquals(config, FunctionConfigJson.parse(FunctionConfigJson.write(config)));
    }

    @Test
    void passesOverWhatANewerVersionHasStored() {
        assertEquals(FunctionConfig.DEFAULT, FunctionConfigJson.read("{\"enabled\": true, \"colour\": {\"of\": \"tomorrow\"}}"));
    }

    @Test
    void showsNoSecrets() {
        var config = new FunctionConfig(true, true, RunAs.CALLER, AllowedHosts.NONE, Limits.DEFAULT, Map.of("STRIPE_API_KEY", "s3cret", "DB_PASSWORD", "s3cret", "ENV", "production"));
        var shown = FunctionConfigJson.shown(config).toString();
        assertFalse(shown.contains("s3cret"), shown);
        assertTrue(shown.contains("production"), shown);
        assertFalse(config.toString().contains("s3cret"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{                          | invalid_request    | not valid JSON",
        "[]                         | invalid_request    | must be a JSON object",
        "{} {}                      | invalid_request    | not valid JSON",
        "{\"a\":1,\"a\":2}          | invalid_request    | not valid JSON",
        "{\"tiemout_ms\": 1}        | invalid_request    | tiemout_ms",
        "{\"timeout_ms\": \"10s\"}  | invalid_request    | config.timeout_ms must be an integer",
        "{\"timeout_ms\": 1.5}      | invalid_request    | config.timeout_ms must be an integer",
        "{\"timeout_ms\": 99}       | limit_out_of_range | timeout_ms is 99",
        "{\"timeout_ms\": 900001}   | limit_out_of_range | timeout_ms is 900001",
        "{\"memory_mb\": 0}         | limit_out_of_range | memory_mb is 0",
        "{\"memory_mb\": 1025}      | limit_out_of_range | memory_mb is 1025",
        "{\"memory_mb\": -1}        | limit_out_of_range | memory_mb is -1",
        "{\"enabled\": \"yes\"}     | invalid_request    | config.enabled must be true or false",
        "{\"run_as\": \"postgres\"} | invalid_request   | config.run_as must be \"caller\" or \"service_role\"",
        "{\"run_as\": true}        | invalid_request    | config.run_as must be",
        "{\"allowed_hosts\": \"*\"}   | invalid_request   | config.allowed_hosts must be an array of text values",
        "{\"cors_origins\": \"*\"}    | invalid_request   | config.cors_origins must be an array of text values",
        "{\"cors_origins\": [\"https://A.example\"]} | invalid_request | config.cors_origins has 'https://A.example'",
        "{\"cors_origins\": [\"https://a.example/\"]} | invalid_request | config.cors_origins has 'https://a.example/'",
        "{\"allowed_hosts\": [7]}     | invalid_request   | config.allowed_hosts must be an array of text values",
        "{\"allowed_hosts\": [\"*\"]} | invalid_request   | config.allowed_hosts has the entry '*'",
        "{\"delivery\": \"twice\"}  | invalid_request    | config.delivery must be",
        "{\"retry\": 3}             | invalid_request    | config.retry must be an object",
        "{\"retry\": {\"max\": 3}}  | invalid_request    | config.retry has an unknown member 'max'",
        "{\"retry\": {\"max_attempts\": 0}} | limit_out_of_range | retry.max_attempts is 0, allowed are 1 to 100",
        "{\"retry\": {\"min_delay_ms\": 900, \"max_delay_ms\": 100}} | limit_out_of_range | retry.max_delay_ms is 100, allowed are 900",
        "{\"retry\": {\"on\": [\"rain\"]}} | invalid_request | config.retry.on has 'rain', known are timeout",
        "{\"concurrency\": 0}       | limit_out_of_range | concurrency is 0",
        "{\"concurrency\": \"9\"}   | invalid_request    | config.concurrency must be an integer",
        "{\"rate_limit\": {}}       | invalid_request    | config.rate_limit.per_second is missing",
        "{\"rate_limit\": {\"per_second\": 0}} | limit_out_of_range | rate_limit.per_second is 0",
        "{\"circuit_breaker\": {\"open_ms\": 1}} | limit_out_of_range | circuit_breaker.open_ms is 1",
        "{\"env\": []}              | invalid_request    | config.env must be an object",
        "{\"env\": {\"1A\": \"x\"}} | invalid_request    | 1A",
        "{\"env\": {\"A\": 1}}      | invalid_request    | config.env.A must be text",
    })
    void namesWhatIsWrong(String json, String code, String message) {
        var refusal = assertThrows(InvalidFunctionException.class, () -> FunctionConfigJson.parse(json));
        assertEquals(code, refusal.code());
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    }
}
