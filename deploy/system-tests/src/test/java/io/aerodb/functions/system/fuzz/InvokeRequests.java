package io.aerodb.functions.system.fuzz;

import static io.aerodb.functions.system.fuzz.Texts.mostly;
import static org.quicktheories.generators.Generate.constant;
import static org.quicktheories.generators.Generate.oneOf;
import static org.quicktheories.generators.Generate.pick;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.lists;

import io.aerodb.functions.identity.Role;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.quicktheories.core.Gen;

/** Calls of functions, by callers who may call and nothing else, so that whatever the path leads to nothing is changed. */
public final class InvokeRequests {

    /** What is called, and must be deployed before. */
    public static final List<String> FUNCTIONS = List.of("echo", "context", "failing", "crash", "hog");

    private static final List<String> METHODS = List.of("GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW", "get", "M-SEARCH", "P\tST", "", "\0", "PÖST");

    private static final List<String> PATHS = List.of(
            "", "/", "/a/b", "//", "/..", "/../..", "/%2e%2e/%2e%2e/deploy", "/%00", "/%", "/%zz", "/%c0%af", "/a%2Fb", "/;x=1", "/\u00e9", "/ ", "/*", "/logs", "\\", "/a/../b",
            "/" + "x/".repeat(500), "/" + "y".repeat(5000), "#fragment", "/[1]", "/{x}", "/%F0%9F%98%80", "/+");

    private static final List<String> QUERIES = List.of(
            "", "?", "?x=1", "?x=1&x=2", "?%", "?=", "?&&&", "?x=%00", "?x=%ff", "?wait=5s", "?" + "a=b&".repeat(300), "?x=\u00ff", "??", "?x=a b", "?" + "z".repeat(5000));

    private static final List<String> HEADERS = List.of(
            "X-Color: blue", "X-Color:", "X-Empty: \t ", "X-Long: " + "l".repeat(3000), "X-Huge: " + "h".repeat(40_000), "X-Latin: \u00e9\u00ff", "X-Null: a\0b", "No colon", ": no name",
            "X Space: 1", "X-Tab\t: 1", " folded: 1", "Cookie: a=b", "Cookie: \0", "apikey: k", "Content-Type: application/json", "Content-Type: ;;;",
            "Content-Type: multipart/form-data; boundary=x", "Content-Type: application/x-www-form-urlencoded", "Accept: */*", "Accept: text/event-stream",
            "Expect: 100-continue", "Expect: moon", "Host: other", "Host: [", "Connection: close", "Connection: keep-alive, x-color", "TE: trailers",
            "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "traceparent: 00-0-0-0", "traceparent: \u00ff",
            "Prefer: respond-async", "Prefer: respond-async, wait=5", "Prefer: ;=,\"", "Prefer: wait=99999999999999999999",
            "Idempotency-Key: key-of-the-fuzz-0001", "Idempotency-Key: key-of-the-fuzz-0002", "Idempotency-Key: short", "Idempotency-Key:",
            "Idempotency-Key: " + "k".repeat(300), "Idempotency-Key: \u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9",
            "Delay: 0", "Delay: -1", "Delay: 1e9", "Delay: 99999999999999999999", "Delay: \u0663", "At: 2020-01-01T00:00:00Z", "At: 9999-12-31T23:59:59Z",
            "At: yesterday", "At: -999999999-01-01T00:00:00+18:00", "If-Match: \"x\"", "Range: bytes=0-1", "Origin: null", "Origin: https://example.com",
            "Access-Control-Request-Method: POST", "X-Forwarded-For: 1.2.3.4", "X-Invocation-Id: mine", "X-Aerofn-Depth: -1", "ce_id: x");

    private static final List<String> BODIES = List.of(
            "", "{}", "null", "{\"statusCode\": 418, \"body\": \"tea\"}", "{\"statusCode\": 200, \"headers\": {\"x-a\": \"b\\r\\nx-injected: 1\"}}",
            "{\"statusCode\": 99}", "{\"statusCode\": 204, \"body\": \"x\"}", "{\"statusCode\": 304}", "{\"statusCode\": 200, \"headers\": {\"content-length\": \"9\"}}",
            "{\"statusCode\": 500, \"body\": {\"a\": 1}}", "{\"statusCode\": 200, \"headers\": {\"\": \"\"}}", "{\"statusCode\": 200, \"headers\": {\"x y\": \"1\"}}",
            "{\"statusCode\": 200, \"headers\": {\"content-type\": \"\\u0000\"}}", "{\"statusCode\": 200, \"headers\": {\"x-a\": [1, true, \"b\", null]}}",
            "{\"statusCode\": 200, \"headers\": {\"x-a\": \"\\u263a\"}}", "{\"statusCode\": 1e2}", "{\"statusCode\": 200, \"headers\": 5}",
            "{\"statusCode\": 200, \"body\": \"\\ud800\"}", "{\"statusCode\": 599, \"headers\": {\"connection\": \"close\"}}", "[".repeat(5000), "\u00ff\u00fe", "{\"statusCode\":");

    private InvokeRequests() {}

    public static Gen<RawRequest> any() {
        var method = mostly(constant("POST"), pick(METHODS));
        var headers = oneOf(constant(List.<String>of()), lists().of(header()).ofSizeBetween(1, 3));
        return method.zip(target(), Texts.caller(Role.ANON), headers, body(),
                (verb, target, caller, others, body) -> new RawRequest(verb, target, Stream.concat(caller.stream(), others.stream()).toList(), body));
    }

    private static Gen<String> target() {
        var function = mostly(pick(FUNCTIONS), Texts.functionName());
        var path = mostly(oneOf(constant(""), constant(""), pick(PATHS)), Texts.any(40).map(text -> "/" + text));
        var query = mostly(oneOf(constant(""), constant(""), pick(QUERIES)), Texts.any(40).map(text -> "?" + text));
        var invoke = function.zip(path, query, (name, below, asked) -> "/functions/v1/invoke/" + name + below + asked);
        var direct = function.map(name -> "/functions/v1/" + name);
        return oneOf(invoke, invoke, invoke, invoke, direct, Mutations.ofText(invoke));
    }

    private static Gen<String> header() {
        return oneOf(pick(HEADERS), pick(HEADERS), pick(HEADERS), pick(HEADERS), Mutations.ofText(pick(HEADERS)), Texts.any(60).map(value -> "X-Any: " + value));
    }

    private static Gen<byte[]> body() {
        var known = pick(BODIES).map(text -> text.getBytes(StandardCharsets.ISO_8859_1));
        var text = Texts.any(300).map(letters -> letters.getBytes(StandardCharsets.ISO_8859_1));
        var large = integers().between(0, 1_100_000).map(byte[]::new);
        return oneOf(known, known, known, Mutations.of(known), text, mostly(text, large));
    }
}
