package io.aerodb.functions.gateway.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.invocation.InvocationId;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ProblemTest {

    static Stream<Problem> problems() {
        return Stream.of(Problem.invalidRequest("d"), Problem.unauthenticated("d"), Problem.forbidden("d"), Problem.notFound("/x"),
                Problem.functionNotFound("hello"), Problem.methodNotAllowed("PUT"), Problem.payloadTooLarge(7), Problem.headersTooLarge(),
                Problem.tooManyRequests("d"), Problem.unavailable("d"), Problem.internal(), Problem.invalidFunction("invalid_wasm", "d"),
                Problem.invocation(500, "function_error", "t", "d"), Problem.invocationNotFound("x"), Problem.deadLetterNotFound("0-1"),
                Problem.replayNotFound("x"), Problem.versionNotFound("hello", "7"), Problem.inProgress(), Problem.alreadyStarted(),
                Problem.alreadyEnded("failed"), Problem.cancelled(), Problem.resultGone(), Problem.requestGone(), Problem.idempotencyKeyReused());
    }

    @ParameterizedTest
    @MethodSource("problems")
    void hasTheMembersOfRfc9457AndItsCode(Problem problem) {
        var json = problem.toJson();
        assertEquals(Set.of("type", "title", "status", "detail", "code"), json.fieldNames());
        assertEquals("urn:aerodb:functions:problem:" + problem.code(), json.getString("type"));
        assertEquals(problem.status(), json.getInteger("status"));
        assertTrue(json.getString("code").matches("[a-z_]+"), json.getString("code"));
        assertFalse(json.getString("title").isBlank());
        assertFalse(json.getString("detail").isBlank());
    }

    @ParameterizedTest
    @CsvSource({"wasm_too_large,413", "module_rejected,422", "invalid_name,400", "invalid_wasm,400", "unknown_import,400",
        "limit_out_of_range,400", "invalid_request,400"})
    void givesEachRefusedDeploymentItsStatus(String code, int status) {
        var problem = Problem.invalidFunction(code, "why");
        assertEquals(status, problem.status());
        assertEquals(code, problem.code());
        assertEquals("why", problem.detail());
    }

    @Test
    void tellsWhichInvocationItIsAbout() {
        var id = InvocationId.at(Instant.EPOCH);
        assertEquals(id.toString(), Problem.internal().about(id).toJson().getString("invocation_id"));
    }

    @Test
    void showsWhatTheFunctionWroteAsText() {
        assertEquals("zoë", Problem.internal().withOutput("zoë".getBytes(StandardCharsets.UTF_8)).toJson().getString("output"));
        assertFalse(Problem.internal().withOutput(new byte[0]).toJson().containsKey("output"));
    }

    @Test
    void showsNoMoreThan64KibibytesOfIt() {
        var shown = Problem.internal().withOutput("x".repeat(100_000).getBytes(StandardCharsets.UTF_8)).toJson().getString("output");
        assertEquals(65_536, shown.length());
    }

    @Test
    void staysJsonWhateverTheFunctionWrote() {
        var json = Problem.internal().withOutput(new byte[] {'"', '\\', 0, (byte) 0xff, '\n'}).toJson();
        assertEquals(json, new JsonObject(json.encode()));
    }

    @Test
    void keepsEverythingWhileItIsBuilt() {
        var id = InvocationId.at(Instant.EPOCH);
        var problem = Problem.invocation(503, "unavailable", "t", "d").withOutput(new byte[] {'x'}).retryAfter(9).about(id);
        assertEquals(9, problem.retryAfterSeconds());
        assertEquals("x", problem.toJson().getString("output"));
        assertEquals(id.toString(), problem.toJson().getString("invocation_id"));
        assertEquals(503, problem.status());
    }

    @Test
    void asksToTryAgainWhereThatHelps() {
        assertTrue(Problem.unavailable("d").retryAfterSeconds() > 0);
        assertTrue(Problem.tooManyRequests("d").retryAfterSeconds() > 0);
        assertEquals(0, Problem.internal().retryAfterSeconds());
    }
}
