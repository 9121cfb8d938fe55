package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.id;
import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets from the API to the function, and everywhere where they must not show. */
class SecretIT {

    private static final String MARK = "***REDACTED***";
    private static final String SECRET = "sk_live_51H/correct-horse";

    /** Answers with the variable that the payload names, and logs it whole and in two calls. */
    private static final String READER = logging("""
                (local.set $length (call $env_get (i32.const 0) (call $input_read (i32.const 0) (i32.const 65536))))
                (if (i32.lt_s (local.get $length) (i32.const 0)) (then (return (i32.const 1))))
                (drop (call $result_read (i32.const 0) (i32.const 65536)))
                (call $output_write (i32.const 0) (local.get $length))""");

    /** Logs its payload, whole and in two calls. */
    private static final String LOGGER = logging("(local.set $length (call $input_read (i32.const 0) (i32.const 65536)))");

    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of());
        platform.startWorker(Map.of());
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void reachesTheFunctionAndNoLog() {
        api.deployed("reader", READER, "{}");
        assertEquals(204, put("reader", "STRIPE", SECRET).statusCode());
        var answer = awaitAnswer("reader", "STRIPE", SECRET);
        var row = api.logRow("reader", id(answer));
        assertEquals(List.of(MARK, MARK, MARK), messages(row));
    }

    @Test
    void staysOutOfLogsHoweverItIsWritten() {
        api.deployed("logger", LOGGER, "{\"env\": {\"SERVICE_TOKEN\": \"token-of-a-variable\"}}");
        put("logger", "STRIPE", SECRET);
        for (var secret : List.of(SECRET, "token-of-a-variable")) {
            var base64 = Base64.getEncoder().encodeToString(("user:" + secret + ":x").getBytes(StandardCharsets.UTF_8));
            for (var payload : List.of(secret, base64, "{\"key\":\"" + secret + "\"}")) {
                awaitHidden("logger", payload, secret);
            }
        }
    }

    @Test
    void aChangeTakesEffectSoon() {
        api.deployed("changing", READER, "{\"env\": {\"RATE\": \"variable\"}}");
        awaitAnswer("changing", "RATE", "variable");
        for (var value : List.of("first value", "second value")) {
            put("changing", "RATE", value);
            awaitAnswer("changing", "RATE", value);
        }
        assertEquals(204, api.delete("/functions/v1/changing/secrets/RATE").statusCode());
        awaitAnswer("changing", "RATE", "variable");
    }

    @Test
    void outlivesVersions() {
        api.deployed("versions", LOGGER, "{}");
        put("versions", "STRIPE", SECRET);
        api.deployed("versions", READER, "{}");
        awaitAnswer("versions", "STRIPE", SECRET);
    }

    @Test
    void isListedByItsKeyOnly() {
        api.deployed("listed", READER, "{}");
        put("listed", "ZULU", SECRET);
        put("listed", "ALPHA", SECRET);
        var response = api.get("/functions/v1/listed");
        var secrets = json(response).path("secrets");
        assertEquals(List.of("ALPHA", "ZULU"), StreamSupport.stream(secrets.spliterator(), false).map(secret -> secret.path("key").asText()).toList());
        assertTrue(secrets.path(0).path("updated_at").asText().endsWith("Z"), secrets::toString);
        assertFalse(text(response).contains("sk_live"), () -> text(response));
    }

    @Test
    void standsNowhereInTheDatabaseAsItIs() {
        var plain = "plain-value-that-is-nowhere";
        api.deployed("stored", LOGGER, "{\"env\": {\"API_KEY\": \"" + plain + "\"}}");
        put("stored", "STRIPE", plain);
        awaitHidden("stored", "it is " + plain, plain);
        var tables = platform.query("SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = 'aerodb'");
        assertTrue(tables.stream().anyMatch(table -> table.getFirst().equals("function_secrets")), tables::toString);
        for (var table : tables) {
            var hex = "encode('" + plain + "'::bytea, 'hex')";
            var rows = platform.query("SELECT 1 FROM aerodb." + table.getFirst() + " t WHERE position('" + plain + "' in t::text) > 0 OR position("
                    + hex + " in t::text) > 0");
            assertEquals(List.of(), rows, table::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PATH", "HOME", "AEROFN_RECORD_KEYS", "AEROFN_SECRETS_KEYS", "AEROFN_DATABASE_PASSWORD", "java.home", ""})
    void isAllThereIsToRead(String key) {
        api.deployed("curious", READER, "{}");
        assertEquals(500, api.invoke("curious", key).statusCode());
    }

    @Test
    void isForTheServiceOnly() {
        api.deployed("guarded", READER, "{}");
        var path = "/functions/v1/guarded/secrets/STRIPE";
        for (var role : List.of(Role.ANON, Role.AUTHENTICATED)) {
            assertProblem(403, "forbidden", api.send(api.as(role, path).PUT(BodyPublishers.ofString("value"))));
            assertProblem(403, "forbidden", api.send(api.as(role, path).DELETE()));
        }
        assertProblem(401, "unauthenticated", api.send(api.request(path).PUT(BodyPublishers.ofString("value"))));
        assertProblem(405, "method_not_allowed", api.get(path));
    }

    @Test
    void isRefusedWithAReason() {
        api.deployed("strict", READER, "{}");
        assertProblem(404, "function_not_found", put("nobody", "STRIPE", "value"));
        assertProblem(404, "function_not_found", api.delete("/functions/v1/nobody/secrets/STRIPE"));
        assertTrue(assertProblem(404, "secret_not_found", api.delete("/functions/v1/strict/secrets/STRIPE")).contains("'STRIPE'"));
        assertProblem(400, "invalid_request", put("strict", "STRIPE", ""));
        assertProblem(400, "invalid_request", put("strict", "STRIPE", "a\0b"));
        assertProblem(413, "payload_too_large", put("strict", "STRIPE", "x".repeat(8193)));
        var latin1 = BodyPublishers.ofByteArray("ü".getBytes(StandardCharsets.ISO_8859_1));
        assertProblem(400, "invalid_request", api.send(api.as(Role.SERVICE, "/functions/v1/strict/secrets/STRIPE").PUT(latin1)));
    }

    @ParameterizedTest
    @CsvSource({"1A", "A-B", "A%20B", "%C3%84"})
    void needsAKeyThatAFunctionCouldRead(String key) {
        api.deployed("keys", READER, "{}");
        assertProblem(400, "invalid_request", put("keys", key, "value"));
    }

    @Test
    void needsAConfiguredKey() throws Exception {
        api.deployed("unconfigured", READER, "{}");
        var without = platform.startGateway(Map.of("AEROFN_SECRETS_KEYS", ""));
        var refused = without.send(without.as(Role.SERVICE, "/functions/v1/unconfigured/secrets/STRIPE").PUT(BodyPublishers.ofString("value")));
        assertTrue(assertProblem(503, "secrets_not_configured", refused).contains("AEROFN_SECRETS_KEYS"));
        var deployment = without.deploy("unconfigured", READER, "{\"env\": {\"DB_PASSWORD\": \"value\"}}");
        assertTrue(assertProblem(503, "secrets_not_configured", deployment).contains("'DB_PASSWORD'"));
    }

    @Test
    void isNeverLeftOutByAWorkerThatLacksItsKey() throws Exception {
        var other = platform.startGateway(Map.of("AEROFN_SECRETS_KEYS", "later:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="));
        other.deployed("ahead", READER, "{\"env\": {\"MODE\": \"fast\"}}");
        assertEquals(204, other.send(other.as(Role.SERVICE, "/functions/v1/ahead/secrets/STRIPE").PUT(BodyPublishers.ofString(SECRET))).statusCode());
        var answer = Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> api.invoke("ahead", "MODE"), found -> found.statusCode() != 200);
        var detail = assertProblem(503, "unavailable", answer);
        assertTrue(detail.contains("'later'") && !detail.contains("STRIPE"), detail);
    }

    private static HttpResponse<byte[]> put(String name, String key, String value) {
        return api.send(api.as(Role.SERVICE, "/functions/v1/" + name + "/secrets/" + key).PUT(BodyPublishers.ofString(value)));
    }

    /** Workers hear of a change on their own, so the first calls may still meet what was before. */
    private static HttpResponse<byte[]> awaitAnswer(String name, String payload, String answer) {
        return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20)).until(() -> api.invoke(name, payload),
                found -> new String(found.body(), StandardCharsets.UTF_8).equals(answer));
    }

    private static void awaitHidden(String name, String payload, String secret) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            var row = api.logRow(name, id(api.invoke(name, payload)));
            assertEquals(3, messages(row).size());
            assertTrue(messages(row).stream().allMatch(message -> message.contains(MARK)), row::toString);
            assertFalse(String.join("", messages(row)).contains(secret.substring(6)), row::toString);
        });
    }

    private static List<String> messages(JsonNode row) {
        return StreamSupport.stream(row.path("log").spliterator(), false).map(line -> line.path("message").asText()).toList();
    }

    /** @param body leaves at address 0 what is then logged, and its length in {@code $length} */
    private static String logging(String body) {
        return """
                (module
                  (import "aerodb_v1" "input_read" (func $input_read (param i32 i32) (result i32)))
                  (import "aerodb_v1" "env_get" (func $env_get (param i32 i32) (result i32)))
                  (import "aerodb_v1" "result_read" (func $result_read (param i32 i32) (result i32)))
                  (import "aerodb_v1" "output_write" (func $output_write (param i32 i32)))
                  (import "aerodb_v1" "log" (func $log (param i32 i32 i32)))
                  (memory (export "memory") 1)
                  (func (export "handler") (result i32)
                    (local $length i32) (local $half i32)
                    %s
                    (local.set $half (i32.div_u (local.get $length) (i32.const 2)))
                    (call $log (i32.const 1) (i32.const 0) (local.get $length))
                    (call $log (i32.const 1) (i32.const 0) (local.get $half))
                    (call $log (i32.const 1) (local.get $half) (i32.sub (local.get $length) (local.get $half)))
                    (i32.const 0)))""".formatted(body);
    }
}
