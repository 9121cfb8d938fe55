package io.aerodb.functions.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionConfigJsonEdgesTest {

    @Test
    void takesTheSmallestAndTheLargestLimits() {
        assertEquals(new Limits(Duration.ofMillis(100), 1 << 20), FunctionConfigJson.parse("{\"timeout_ms\":100,\"memory_mb\":1}").limits());
        assertEquals(new Limits(Duration.ofMinutes(15), 1 << 30), FunctionConfigJson.parse("{\"timeout_ms\":900000,\"memory_mb\":1024}").limits());
    }

    @ParameterizedTest
    @ValueSource(strings = {"2147483648", "-2147483649", "4294967396", "99999999999999999999", "1e3", "null", "true", "[]", "{}"})
    void refusesANumberThatIsNoInteger(String value) {
        assertEquals("config.timeout_ms must be an integer", refusal("{\"timeout_ms\":" + value + "}"));
        assertEquals("config.memory_mb must be an integer", refusal("{\"memory_mb\":" + value + "}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2147483647", "-2147483648"})
    void refusesALimitFarOutOfRangeWithoutOverflow(String value) {
        assertTrue(refusal("{\"memory_mb\":" + value + "}").contains("memory_mb is " + value));
        assertTrue(refusal("{\"timeout_ms\":" + value + "}").contains("timeout_ms is " + value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", "1", "\"{}\"", "true"})
    void refusesWhatIsNoObject(String text) {
        assertEquals("config must be a JSON object", refusal(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"enabled\":null}", "{\"verify_jwt\":0}", "{\"verify_jwt\":\"false\"}", "{\"Enabled\":true}", "{\"limits\":{}}",
        "{\"env\":null}", "{\"env\":{\"A\":null}}", "{\"env\":{\"A\":{}}}", "{\"env\":{\"\":\"x\"}}", "{\"env\":{\"A B\":\"x\"}}", "{\"env\":{\"A=B\":\"x\"}}",
        "{\"env\":{\"Ä\":\"x\"}}", "{\"env\":{\"A\\u0000\":\"x\"}}", "{\"env\":{\"A\\n\":\"x\"}}", "{\"env\":{\"A\":\"x\\u0000y\"}}",
        "{\"env\":{\"A\":\"1\",\"A\":\"2\"}}", "{\"enabled\":true,}", "{'enabled':true}", "{\"enabled\":true}x", "{\"enabled\":true // no\n}"})
    void refusesWhatIsAlmostRight(String text) {
        refusal(text);
    }

    @Test
    void tellsWhereTheJsonBreaks() {
        assertTrue(refusal("{\n  \"enabled\": tru\n}").contains("line 2"));
    }

    @Test
    void neverRepeatsASecretThatItRefuses() {
        assertFalse(refusal("{\"env\":{\"API_KEY\":\"s3cret\\u0000\"}}").contains("s3cret"));
        assertFalse(refusal("{\"env\":{\"API_KEY\":\"s3cret\" \"x\"}}").contains("s3cret"));
    }

    @Test
    void doesNotRepeatALongNameInItsMessage() {
        assertTrue(refusal("{\"" + "x".repeat(10_000) + "\":1}").length() < 300);
        assertTrue(refusal("{\"env\":{\"" + "x".repeat(10_000) + "\":\"1\"}}").length() < 300);
    }

    @Test
    void takes100VariablesAndNoMore() {
        assertEquals(100, FunctionConfigJson.parse(variables(100)).env().size());
        assertTrue(refusal(variables(101)).contains("101 variables, allowed are 100"));
    }

    @Test
    void takes8192CharactersOfAValueAndNoMore() {
        assertEquals(8192, FunctionConfigJson.parse("{\"env\":{\"A\":\"" + "x".repeat(8192) + "\"}}").env().get("A").length());
        assertTrue(refusal("{\"env\":{\"A\":\"" + "x".repeat(8193) + "\"}}").contains("config.env.A"));
    }

    @Test
    void takes128CharactersOfAKeyAndNoMore() {
        var key = "_" + "x".repeat(127);
        assertEquals("1", FunctionConfigJson.parse("{\"env\":{\"" + key + "\":\"1\"}}").env().get(key));
        refusal("{\"env\":{\"" + key + "x\":\"1\"}}");
    }

    @Test
    void survivesDeepNesting() {
        refusal("{\"env\":" + "[".repeat(100_000));
        refusal("{\"env\":" + "{\"a\":".repeat(100_000));
    }

    @Test
    void writesTheSameTextForTheSameConfiguration() {
        var one = FunctionConfigJson.parse("{\"env\":{\"B\":\"2\",\"A\":\"1\"},\"enabled\":true}");
        var other = FunctionConfigJson.parse("{\"enabled\":true,\"env\":{\"A\":\"1\",\"B\":\"2\"}}");
        assertEquals(FunctionConfigJson.write(one), FunctionConfigJson.write(other));
    }

    @ParameterizedTest
    @CsvSource({"API_KEY,true", "my_api_key_2,true", "ApiKey,true", "CLIENT_SECRET,true", "secretary,true", "DbPassword,true", "ACCESS_TOKEN,true",
        "PATH,false", "KEY,false", "API,false", "TOKE,false"})
    void takesAVariableForASecretByItsName(String key, boolean sensitive) {
        assertEquals(sensitive, SensitiveKeys.isSensitive(key));
    }

    @Test
    void replacesTheValuesOfSecretsOnly() {
        assertEquals(Map.of("API_KEY", "***REDACTED***", "MODE", "fast"), SensitiveKeys.redacted(Map.of("API_KEY", "s3cret", "MODE", "fast")));
    }

    @Test
    void refusesTheMarkInPlaceOfASecretThatItWouldOverwrite() {
        assertTrue(refusal("{\"env\":{\"API_KEY\":\"***REDACTED***\"}}").contains("config.env.API_KEY"));
        assertEquals("***REDACTED***", FunctionConfigJson.parse("{\"env\":{\"MODE\":\"***REDACTED***\"}}").env().get("MODE"));
    }

    private static String variables(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"V" + i + "\":\"x\"").collect(Collectors.joining(",", "{\"env\":{", "}}"));
    }

    private static String refusal(String text) {
        return assertThrows(InvalidFunctionException.class, () -> FunctionConfigJson.parse(text)).getMessage();
    }
}
