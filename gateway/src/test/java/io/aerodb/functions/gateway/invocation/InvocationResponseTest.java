package io.aerodb.functions.gateway.invocation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.admission.Permit;
import io.aerodb.functions.admission.Verdict;
import io.aerodb.functions.gateway.http.LocalServer;
import io.aerodb.functions.invocation.InvocationRequest;
import io.aerodb.functions.invocation.Outcome;
import io.aerodb.functions.invocation.Outcome.Failed;
import io.aerodb.functions.invocation.Outcome.Failure;
import io.aerodb.functions.invocation.Outcome.Rejected;
import io.aerodb.functions.invocation.Outcome.Rejection;
import io.aerodb.functions.invocation.Outcome.Succeeded;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class InvocationResponseTest {

    private static final InvocationRequest REQUEST = Requests.request(Duration.ofSeconds(10));
    private static final byte[] OUTPUT = bytes("written until then");
    private static LocalServer server;
    private static final List<Verdict> ENDS = new CopyOnWriteArrayList<>();
    private static volatile Optional<Outcome> outcome = Optional.empty();

    @BeforeAll
    static void start() {
        server = new LocalServer(router -> router.route().handler(context -> InvocationResponse.send(
                context, REQUEST, outcome.map(end -> Requests.reply(REQUEST.id(), end)), permit())));
    }

    @BeforeEach
    void forget() {
        outcome = Optional.empty();
        ENDS.clear();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Arguments> problems() {
        return Stream.of(
                Arguments.of(new Failed(Failure.FUNCTION_ERROR, "it trapped", OUTPUT), 500, "function_error", "it trapped"),
                Arguments.of(new Failed(Failure.HOST_FUNCTION_ERROR, "no database", OUTPUT), 500, "host_function_error", "no database"),
                Arguments.of(new Outcome.TimedOut("over 10 s"), 504, "function_timeout", "over 10 s"),
                Arguments.of(new Outcome.Expired("late: not_started"), 504, "function_timeout", "late: not_started"),
                Arguments.of(new Outcome.MemoryExceeded("over 16 MiB"), 507, "memory_limit_exceeded", "over 16 MiB"),
                Arguments.of(new Rejected(Rejection.FUNCTION_NOT_FOUND, "gone"), 404, "function_not_found", "'hello'"),
                Arguments.of(new Rejected(Rejection.MODULE_REJECTED, "bad hash"), 422, "module_rejected", "bad hash"),
                Arguments.of(new Rejected(Rejection.UNAVAILABLE, "postgres is away"), 503, "unavailable", "postgres is away"));
    }

    @ParameterizedTest
    @MethodSource("problems")
    void givesEachOutcomeItsStatusAndCode(Outcome end, int status, String code, String detail) {
        var answer = answer(end);
        assertEquals(status, answer.status());
        assertEquals("application/problem+json", answer.header("content-type"));
        assertEquals(code, answer.json().getString("code"));
        assertEquals(status, answer.json().getInteger("status"));
        assertTrue(answer.json().getString("detail").contains(detail), answer.text());
        assertEquals(REQUEST.id().toString(), answer.json().getString("invocation_id"));
        assertEquals(status == 503 ? "1" : "", answer.header("retry-after"));
        assertIdentified(answer);
        assertEquals(List.of(Verdict.of(end)), ENDS);
    }

    @Test
    void showsWhatAFunctionWroteBeforeItFailed() {
        assertEquals("written until then", answer(new Failed(Failure.FUNCTION_ERROR, "it trapped", OUTPUT)).json().getString("output"));
        assertFalse(answer(new Failed(Failure.FUNCTION_ERROR, "it trapped", new byte[0])).json().containsKey("output"));
    }

    @Test
    void answersWithTheOutputOfASuccess() {
        var answer = answer(new Succeeded(bytes("{\"message\":\"hi\"}")));
        assertEquals(200, answer.status());
        assertEquals("application/json", answer.header("content-type"));
        assertEquals("{\"message\":\"hi\"}", answer.text());
        assertIdentified(answer);
        assertEquals(List.of(Verdict.SUCCESS), ENDS);
    }

    @Test
    void answersWithBinaryOutputByteForByte() {
        var output = new byte[] {0, (byte) 0xff, '\r', '\n', '\r', '\n', 7};
        var answer = answer(new Succeeded(output));
        assertEquals("application/octet-stream", answer.header("content-type"));
        assertArrayEquals(output, answer.body());
    }

    @Test
    void answersWithTheResponseThatAFunctionDescribes() {
        var answer = answer(new Succeeded(bytes(
                "{\"statusCode\":418,\"headers\":{\"X-Tea\":\"oolong\",\"Set-Cookie\":[\"a=1\",\"b=2\"]},\"body\":\"short and stout\"}")));
        assertEquals(418, answer.status());
        assertEquals("oolong", answer.header("x-tea"));
        assertEquals("a=1,b=2", answer.header("set-cookie"));
        assertEquals("text/plain; charset=utf-8", answer.header("content-type"));
        assertEquals("short and stout", answer.text());
        assertIdentified(answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"statusCode\":99}", "{\"statusCode\":101}", "{\"statusCode\":200,\"headers\":{\"Transfer-Encoding\":\"chunked\"}}",
        "{\"statusCode\":200,\"headers\":{\"X\":\"a\\r\\nSet-Cookie: stolen=1\"}}"})
    void answers502ForAResponseThatHttpDoesNotAllow(String output) {
        var answer = answer(new Succeeded(bytes(output)));
        assertEquals(502, answer.status());
        assertEquals("bad_function_response", answer.json().getString("code"));
        assertEquals(REQUEST.id().toString(), answer.json().getString("invocation_id"));
        assertEquals("", answer.header("set-cookie"));
        assertIdentified(answer);
        assertEquals(List.of(Verdict.FAILURE), ENDS);
    }

    @Test
    void answers504WhereNoReplyCame() {
        var answer = server.get("/");
        assertEquals(504, answer.status());
        assertEquals("function_timeout", answer.json().getString("code"));
        assertTrue(answer.json().getString("detail").contains("not_started"), answer.text());
        assertEquals("", answer.header("server-timing"));
        assertEquals(REQUEST.id().toString(), answer.header("x-invocation-id"));
        assertEquals(List.of(Verdict.NEITHER), ENDS);
    }

    @Test
    void tellsInMillisecondsHowLongItWaitedAndRan() {
        assertEquals("queue;dur=1.235, run;dur=25.000", answer(new Succeeded(new byte[0])).header("server-timing"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"204", "304"})
    void neverWritesABodyWhereHttpHasNone(String status) {
        outcome = Optional.of(new Succeeded(bytes("{\"statusCode\":" + status + ",\"body\":\"HTTP/1.1 200 OK\\r\\n\\r\\nsmuggled\"}")));
        var answer = server.get("/");
        assertEquals(Integer.parseInt(status), answer.status());
        assertEquals("", answer.text());
    }

    @Test
    void answersAHeadRequestWithoutTheBody() {
        outcome = Optional.of(new Succeeded(bytes("{\"a\":1}")));
        var answer = server.send("HEAD", "/", "");
        assertEquals(200, answer.status());
        assertEquals("", answer.text());
    }

    @Test
    void answersAnEmptyOutputWithAnEmptyBody() {
        var answer = answer(new Succeeded(new byte[0]));
        assertEquals(200, answer.status());
        assertEquals("0", answer.header("content-length"));
        assertEquals("", answer.header("content-type"));
    }

    private static Permit permit() {
        var permit = new Permit();
        permit.hold(ENDS::add);
        return permit;
    }

    private static LocalServer.Answer answer(Outcome end) {
        outcome = Optional.of(end);
        return server.get("/");
    }

    private static void assertIdentified(LocalServer.Answer answer) {
        assertEquals(REQUEST.id().toString(), answer.header("x-invocation-id"));
        assertEquals("7", answer.header("x-function-version"));
        assertEquals("queue;dur=1.235, run;dur=25.000", answer.header("server-timing"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
