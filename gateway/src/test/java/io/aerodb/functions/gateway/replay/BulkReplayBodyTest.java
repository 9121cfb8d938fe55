package io.aerodb.functions.gateway.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.QueryParameters;
import io.aerodb.functions.gateway.replay.BulkReplay.Wanted;
import io.vertx.core.MultiMap;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BulkReplayBodyTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.123456789Z");

    @Test
    void asksForAllThatHasEndedUntilNow() {
        assertEquals(new Wanted("hello", null, null, Instant.parse("2026-01-01T00:00:00.123456Z"), null, 1000, 10), parse("{\"function\": \"hello\"}"));
    }

    @Test
    void readsEveryMember() {
        assertEquals(
                new Wanted("hello", "dead_lettered", Instant.parse("2025-12-01T00:00:00Z"), Instant.parse("2025-12-02T00:00:00Z"), 3, 50, 7),
                parse("""
                        {"function": "hello", "status": "dead_lettered", "since": "2025-12-01T00:00:00Z", "until": "2025-12-02T00:00:00Z",
                         "version": 3, "limit": 50, "rate": 7}"""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{}|function", "{\"function\": 7}|function", "{\"function\": \"hello\", \"status\": \"accepted\"}|status",
        "{\"function\": \"hello\", \"status\": \"Failed\"}|status", "{\"function\": \"hello\", \"since\": \"yesterday\"}|since",
        "{\"function\": \"hello\", \"until\": \"+12026-01-01T00:00:00Z\"}|until", "{\"function\": \"hello\", \"limit\": 0}|limit",
        "{\"function\": \"hello\", \"limit\": 1000001}|limit", "{\"function\": \"hello\", \"rate\": 1.5}|rate",
        "{\"function\": \"hello\", \"rate\": \"10\"}|rate", "{\"function\": \"hello\", \"version\": 0}|version",
        "{\"function\": \"hello\", \"statuses\": []}|statuses"})
    void namesTheMemberThatIsWrong(String body, String member) {
        var problem = assertThrows(ProblemException.class, () -> parse(body)).problem();
        assertEquals(400, problem.status());
        assertTrue(problem.detail().contains("'" + member + "'"), problem.detail());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "7", "null", "{\"function\": ", "\"hello\""})
    void refusesWhatIsNoObject(String body) {
        assertEquals("invalid_request", assertThrows(ProblemException.class, () -> parse(body)).problem().code());
    }

    @Test
    void refusesANameThatNoFunctionHas() {
        assertThrows(InvalidFunctionException.class, () -> parse("{\"function\": \"Hello\"}"));
    }

    @Test
    void readsWhichVersionToRun() {
        assertEquals(new VersionChoice.Recorded(), version(MultiMap.caseInsensitiveMultiMap()));
        assertEquals(new VersionChoice.Active(), version(MultiMap.caseInsensitiveMultiMap().add("version", "active")));
        assertEquals(new VersionChoice.Numbered(12), version(MultiMap.caseInsensitiveMultiMap().add("version", "12")));
        for (var wrong : new String[] {"0", "-1", "latest", "1.0", "12345678901"}) {
            assertThrows(ProblemException.class, () -> version(MultiMap.caseInsensitiveMultiMap().add("version", wrong)), wrong);
        }
    }

    private static VersionChoice version(MultiMap parameters) {
        return VersionChoice.of(new QueryParameters(parameters));
    }

    private static Wanted parse(String body) {
        return BulkReplayBody.parse(body.getBytes(UTF_8), NOW);
    }
}
