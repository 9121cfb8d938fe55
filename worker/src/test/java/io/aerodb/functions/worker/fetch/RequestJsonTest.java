package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.worker.wasm.HostError;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestJsonTest {

    private static final int MAX = 1000;
    private static final String URL = "\"url\":\"https://example.com/\"";

    @Test
    void readsAWholeRequest() throws Exception {
        var request = parse("""
                {"method":"post","url":"https://example.com/x","headers":{"Content-Type":"text/plain","X-Many":["a"," b\\t"]},"body":"grüße"}""");
        assertEquals("POST", request.method());
        assertEquals("/x", request.target().path());
        assertEquals(Map.of("content-type", List.of("text/plain"), "x-many", List.of("a", "b")), request.headers().byName());
        assertArrayEquals("grüße".getBytes(StandardCharsets.UTF_8), request.body());
    }

    @Test
    void needsNothingButAUrl() throws Exception {
        var request = parse("{" + URL + "}");
        assertEquals("GET", request.method());
        assertEquals(Map.of(), request.headers().byName());
        assertNull(request.body());
    }

    @Test
    void readsBytes() throws Exception {
        assertArrayEquals(new byte[] {0, -1, 0x10}, parse("{\"method\":\"PUT\"," + URL + ",\"body_base64\":\"AP8Q\",\"body\":null}").body());
        assertArrayEquals(new byte[0], parse("{\"method\":\"PUT\"," + URL + ",\"body\":\"\"}").body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", "[]", "\"x\"", "{}", "{" + URL, "{" + URL + "}x", "{" + URL + "," + URL + "}", "{\"url\":null}", "{\"url\":1}",
        "{" + URL + ",\"extra\":1}", "{" + URL + ",\"Method\":\"GET\"}", "{" + URL + ",\"method\":\"CONNECT\"}", "{" + URL + ",\"method\":\"TRACE\"}",
        "{" + URL + ",\"method\":\"GET / HTTP/1.1\\r\\nX: y\"}", "{" + URL + ",\"method\":\"\"}", "{" + URL + ",\"method\":null}",
        "{" + URL + ",\"body\":\"x\"}", "{" + URL + ",\"method\":\"HEAD\",\"body\":\"\"}", "{\"method\":\"POST\"," + URL + ",\"body\":{}}",
        "{\"method\":\"POST\"," + URL + ",\"body\":\"x\",\"body_base64\":\"eA==\"}", "{\"method\":\"POST\"," + URL + ",\"body\":\"\\ud800\"}",
        "{\"method\":\"POST\"," + URL + ",\"body_base64\":\"e A\"}", "{\"method\":\"POST\"," + URL + ",\"body_base64\":\"_-_-\"}",
        "{" + URL + ",\"headers\":null}", "{" + URL + ",\"headers\":[]}", "{" + URL + ",\"headers\":{\"a\":1}}", "{" + URL + ",\"headers\":{\"a\":null}}",
        "{" + URL + ",\"headers\":{\"a\":[]}}", "{" + URL + ",\"headers\":{\"a\":[[\"x\"]]}}", "{" + URL + ",\"headers\":{\"a\":{\"b\":\"c\"}}}",
        "{" + URL + ",\"headers\":{\"a\":\"1\",\"a\":\"2\"}}", "{" + URL + ",\"headers\":{\"a\":\"1\",\"A\":\"2\"}}"})
    void refusesWhatIsNoRequest(String json) {
        assertEquals(HostError.INVALID, assertThrows(FetchException.class, () -> parse(json)).error());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host", "HOST", "connection", "Content-Length", "Transfer-Encoding", "Upgrade", "Keep-Alive", "TE", "Trailer", "Expect", "Via",
        "Proxy-Authorization", "Proxy-Connection", "Proxy-X", "HTTP2-Settings"})
    void leavesTheConnectionToTheWorker(String name) {
        var refusal = assertThrows(FetchException.class, () -> parse("{" + URL + ",\"headers\":{\"" + name + "\":\"x\"}}"));
        assertEquals(HostError.INVALID, refusal.error());
        assertTrue(refusal.getMessage().contains("'" + name.toLowerCase(Locale.ROOT) + "' cannot be set"), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a:", ":path", "a\\r\\nHost", "a\\u0000", "é", "a/b", "(a)", "a\\t"})
    void refusesNamesThatAreNone(String name) {
        assertEquals(HostError.INVALID, assertThrows(FetchException.class, () -> parse("{" + URL + ",\"headers\":{\"" + name + "\":\"x\"}}")).error());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\r\\nX-Injected: 1", "a\\nb", "a\\rb", "a\\u0000b", "\\n", "a\\u007f", "é", "a\\u2028b", "a\\u010ab"})
    void refusesValuesThatCouldBecomeLines(String value) {
        var refusal = assertThrows(FetchException.class, () -> parse("{" + URL + ",\"headers\":{\"x-a\":\"" + value + "\"}}"));
        assertEquals(HostError.INVALID, refusal.error());
        assertTrue(refusal.getMessage().contains("x-a"), refusal.getMessage());
    }

    @Test
    void boundsTheBody() throws Exception {
        assertEquals(MAX, parse("{\"method\":\"POST\"," + URL + ",\"body\":\"" + "x".repeat(MAX) + "\"}").body().length);
        assertTooLarge("{\"method\":\"POST\"," + URL + ",\"body\":\"" + "x".repeat(MAX + 1) + "\"}");
        assertTooLarge("{\"method\":\"POST\"," + URL + ",\"body\":\"" + "é".repeat(MAX / 2 + 1) + "\"}");
        assertTooLarge(" ".repeat(1_000_000));
    }

    @Test
    void boundsTheHeaders() {
        assertTooLarge("{" + URL + ",\"headers\":{\"a\":\"" + "x".repeat(33_000) + "\"}}");
        assertTooLarge("{" + URL + ",\"headers\":{\"a\":[" + "\"\",".repeat(200) + "\"\"]}}");
    }

    @Test
    void survivesDeepNesting() {
        assertThrows(FetchException.class, () -> parse("{\"headers\":" + "[".repeat(100_000)));
    }

    @Test
    void refusesBytesThatAreNotUtf8() {
        var json = ("{\"method\":\"POST\"," + URL + ",\"body\":\"\u00ff\"}").getBytes(StandardCharsets.ISO_8859_1);
        assertEquals(HostError.INVALID, assertThrows(FetchException.class, () -> RequestJson.parse(json, MAX)).error());
    }

    @Test
    void isNotVerbose() {
        var refusal = assertThrows(FetchException.class, () -> parse("{\"" + "x".repeat(10_000) + "\":1}"));
        assertFalse(refusal.getMessage().length() > 300);
    }

    private static void assertTooLarge(String json) {
        assertEquals(HostError.TOO_LARGE, assertThrows(FetchException.class, () -> parse(json)).error());
    }

    private static FetchRequest parse(String json) throws FetchException {
        return RequestJson.parse(json.getBytes(StandardCharsets.UTF_8), MAX);
    }
}
