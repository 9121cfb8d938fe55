package io.aerodb.functions.gateway.outcome;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.gateway.outcome.FunctionResponse.BadResponseException;
import io.aerodb.functions.invocation.HttpCall.Header;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionResponseTest {

    private static final List<Header> JSON = List.of(new Header("content-type", "application/json"));
    private static final List<Header> TEXT = List.of(new Header("content-type", "text/plain; charset=utf-8"));
    private static final List<Header> BYTES = List.of(new Header("content-type", "application/octet-stream"));

    @ParameterizedTest
    @ValueSource(strings = {"{\"message\":\"hi\"}", "{}", "[]", "[1, 2, {\"a\": null}]", " {\"a\" : 1}\n", "\"text\"", "1", "-1.5e3", "true", "null",
        "{\"text\":\"zoë 😀\"}"})
    void answersABareJsonTextAsItIs(String output) throws BadResponseException {
        assertBare(JSON, bytes(output));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":1}{\"b\":2}", "1 2", "{\"statusCode\":200} {}", "{\"statusCode\":200}x", "{\"statusCode\":200", "hello", "{'a':1}",
        "{a:1}", "[1,]", "01", "NaN", "// comment\n1", "tru", "\"open"})
    void answersWhatIsNotOneJsonTextAsBytes(String output) throws BadResponseException {
        assertBare(BYTES, bytes(output));
    }

    @Test
    void answersBinaryOutputByteForByte() throws BadResponseException {
        var every = new byte[256];
        for (var i = 0; i < every.length; i++) {
            every[i] = (byte) i;
        }
        assertBare(BYTES, every);
        assertBare(BYTES, new byte[] {'"', (byte) 0xff, '"'});
        assertBare(BYTES, new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    }

    @Test
    void answersNothingWithNothing() throws BadResponseException {
        assertBare(List.of(), new byte[0]);
    }

    @Test
    void answersDeepNestingWithoutAccident() throws BadResponseException {
        assertEquals(200, FunctionResponse.of(bytes("[".repeat(200_000) + "]".repeat(200_000))).status());
        assertEquals(200, FunctionResponse.of(bytes("{\"statusCode\":".repeat(200_000))).status());
    }

    @Test
    void takesTheWholeDescription() throws BadResponseException {
        var response = FunctionResponse.of(bytes("""
                {"statusCode": 201, "headers": {"Location": "/things/7", "Content-Type": "application/json"}, "body": "{\\"id\\":7}"}"""));
        assertEquals(201, response.status());
        assertEquals(List.of(new Header("location", "/things/7"), new Header("content-type", "application/json")), response.headers());
        assertEquals("{\"id\":7}", text(response));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[1]", "{\"message\":\"Hello\"}", "42", "\"quoted\"", "null"})
    void takesATextBodyThatIsJsonForJson(String body) throws BadResponseException {
        var response = FunctionResponse.of(bytes("{\"statusCode\":200,\"body\":" + quoted(body) + "}"));
        assertEquals(JSON, response.headers());
        assertEquals(body, text(response));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Hello", "<p>hi</p>", "1 2", "zoë 😀", "{\"open\":"})
    void takesAnyOtherTextBodyForText(String body) throws BadResponseException {
        var response = FunctionResponse.of(bytes("{\"statusCode\":200,\"body\":" + quoted(body) + "}"));
        assertEquals(TEXT, response.headers());
        assertEquals(body, text(response));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":[1,{\"b\":\"ü\"}]}", "[]", "{}", "17", "true", "1.25"})
    void writesABodyThatIsNoTextAsJson(String body) throws BadResponseException {
        var response = FunctionResponse.of(bytes("{\"statusCode\":200,\"body\":" + body + "}"));
        assertEquals(JSON, response.headers());
        assertEquals(body, text(response));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"statusCode\":204}", "{\"statusCode\":204,\"body\":null}", "{\"statusCode\":204,\"body\":\"\"}",
        "{\"statusCode\":204,\"headers\":null}", "{\"statusCode\":204,\"headers\":{}}"})
    void answersWithoutABodyAndThenWithoutAType(String output) throws BadResponseException {
        var response = FunctionResponse.of(bytes(output));
        assertEquals(204, response.status());
        assertEquals(List.of(), response.headers());
        assertEquals(0, response.body().length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"content-type", "Content-Type", "CONTENT-TYPE"})
    void keepsTheTypeThatTheFunctionGives(String name) throws BadResponseException {
        var response = FunctionResponse.of(bytes("{\"statusCode\":200,\"headers\":{\"" + name + "\":\"text/csv\"},\"body\":\"{}\"}"));
        assertEquals(List.of(new Header("content-type", "text/csv")), response.headers());
    }

    @Test
    void sendsEachValueOfAHeaderInOrder() throws BadResponseException {
        var response = FunctionResponse.of(bytes(
                "{\"statusCode\":200,\"headers\":{\"Set-Cookie\":[\"a=1\",\"b=2\"],\"X-None\":[],\"X-Number\":7,\"X-Flag\":true}}"));
        assertEquals(List.of(new Header("set-cookie", "a=1"), new Header("set-cookie", "b=2"), new Header("x-number", "7"),
                new Header("x-flag", "true")), response.headers());
    }

    @ParameterizedTest
    @ValueSource(strings = {"200", "404", "500", "599"})
    void takesEveryFinalStatus(String status) throws BadResponseException {
        assertEquals(Integer.parseInt(status), FunctionResponse.of(bytes("{\"statusCode\":" + status + "}")).status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "99", "100", "101", "103", "199", "600", "999", "-200", "2147483648", "4294967496", "9223372036854775807",
        "99999999999999999999999", "200.0", "2e2", "200.5", "\"200\"", "\"\"", "null", "true", "[200]", "{}", "{\"statusCode\":200}"})
    void refusesAStatusThatIsNone(String status) {
        assertEquals("statusCode must be an integer from 200 to 599", refusal("{\"statusCode\":" + status + ",\"body\":\"x\"}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Connection", "keep-alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer",
        "Transfer-Encoding", "UPGRADE", "Content-Length"})
    void refusesHeadersThatConcernTheConnection(String name) {
        var reason = refusal("{\"statusCode\":200,\"headers\":{\"" + name + "\":\"x\"}}");
        assertTrue(reason.contains(name.toLowerCase(Locale.ROOT)), reason);
        assertTrue(refusal("{\"statusCode\":200,\"headers\":{\"" + name + "\":[]}}").contains(name.toLowerCase(Locale.ROOT)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\r\\nSet-Cookie: session=stolen", "a\\nb", "a\\rb", "a\\u0000b", "\\u000bx", "a\\u007fb", "a\\u0085b", "a\\u010ab", "a\\u0a0d", "😀"})
    void refusesAHeaderValueThatBreaksOutOfItsLine(String value) {
        var reason = refusal("{\"statusCode\":200,\"headers\":{\"X-Test\":\"" + value + "\"}}");
        assertEquals("the header 'x-test' has a value that HTTP does not allow", reason);
        assertEquals(reason, refusal("{\"statusCode\":200,\"headers\":{\"X-Test\":[\"fine\",\"" + value + "\"]}}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "{}", "[[]]", "[null]", "[{}]", "{\"a\":1}"})
    void refusesAHeaderValueThatIsNoText(String value) {
        refusal("{\"statusCode\":200,\"headers\":{\"X-Test\":" + value + "}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a:b", "a\\r\\nb", "a\\u0000", "ä", ":status", "a/b", "(a)", "a\\tb", "İ", "\\u212aeep-Alive"})
    void refusesAHeaderNameThatIsNoToken(String name) {
        refusal("{\"statusCode\":200,\"headers\":{\"" + name + "\":\"x\"}}");
    }

    @Test
    void refusesAHeaderNameWithoutEnd() {
        assertFalse(refusal("{\"statusCode\":200,\"headers\":{\"" + "x".repeat(300) + "\":\"x\"}}").contains("xxx"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "\"x\"", "1", "false", "[[\"a\",\"b\"]]"})
    void refusesHeadersThatAreNoObject(String headers) {
        assertEquals("headers must be an object", refusal("{\"statusCode\":200,\"headers\":" + headers + "}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"result\":{\"statusCode\":500}}", "[{\"statusCode\":500}]", "[\"statusCode\"]", "\"statusCode\"", "{\"a\":\"statusCode\"}",
        "{\"StatusCode\":500}", "{\"status\":500}", "{\"body\":\"x\",\"headers\":{\"statusCode\":500}}"})
    void takesAStatusCodeFromNowhereElse(String output) throws BadResponseException {
        assertBare(JSON, bytes(output));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"statusCode\":500,\"statusCode\":201}",
        "{\"body\":{\"statusCode\":500},\"statusCode\":201}",
        "{\"x\":[{\"statusCode\":1}],\"\\u0073tatusCode\":201}",
    })
    void takesTheLastStatusCodeOfTheObject(String output) throws BadResponseException {
        assertEquals(201, FunctionResponse.of(bytes(output)).status());
    }

    private static void assertBare(List<Header> headers, byte[] output) throws BadResponseException {
        var response = FunctionResponse.of(output);
        assertEquals(200, response.status());
        assertEquals(headers, response.headers());
        assertArrayEquals(output, response.body());
    }

    private static String refusal(String output) {
        return assertThrows(BadResponseException.class, () -> FunctionResponse.of(bytes(output))).getMessage();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(FunctionResponse response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }
}
