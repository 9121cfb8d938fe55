package io.aerodb.functions.gateway.outcome;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.gateway.http.QueryParameters;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.invocation.InvocationLog.Cursor;
import io.aerodb.functions.invocation.InvocationLog.Search;
import io.aerodb.functions.invocation.TriggerType;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogQueryTest {

    private static final FunctionName HELLO = new FunctionName("hello");

    @Test
    void looksForEverythingWhereNothingIsSaid() {
        assertEquals(new Search(HELLO, null, null, null, null, null, null, null, 50), parse());
    }

    @Test
    void readsEveryParameter() {
        assertEquals(new Search(HELLO, "failed", TriggerType.WEBHOOK, new InvocationId(new UUID(1, 2)), new InvocationId(new UUID(3, 4)), Instant.parse("2026-01-01T00:00:00Z"),
                        Instant.parse("2026-01-02T03:04:05.678Z"), null, 7),
                parse("status", "failed", "trigger", "webhook", "cause", "00000000-0000-0001-0000-000000000002",
                        "replay_of", "00000000-0000-0003-0000-000000000004", "since", "2026-01-01T00:00:00Z", "until", "2026-01-02T03:04:05.678Z", "limit", "7"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"accepted", "scheduled", "succeeded", "failed", "timed_out", "memory_exceeded", "rejected", "expired", "cancelled",
        "dead_lettered", "replayed"})
    void knowsEveryStatus(String status) {
        assertEquals(status, parse("status", status).status());
    }

    @Test
    void looksAtAllFunctionsWhereNoneIsNamed() {
        assertNull(LogQuery.parse(null, new QueryParameters(MultiMap.caseInsensitiveMultiMap())).function());
    }

    @ParameterizedTest
    @EnumSource(TriggerType.class)
    void knowsEveryTrigger(TriggerType trigger) {
        assertEquals(trigger, parse("trigger", trigger.label()).trigger());
    }

    @ParameterizedTest
    @CsvSource({"status,FAILED", "status,''", "status,running", "trigger,HTTP", "trigger,''", "trigger,cron", "cause,x", "replay_of,1-2-3-4-5", "since,yesterday", "since,2026-01-01",
        "since,2026-01-01 00:00:00Z", "since,1700000000", "since,''", "until,2026-13-01T00:00:00Z", "until,2026-02-30T00:00:00Z",
        "after,''", "after,!", "after,bm9uc2Vuc2U", "limit,0", "limit,501", "limit,x", "statsu,failed", "offset,7"})
    void namesTheParameterThatIsWrong(String name, String value) {
        var problem = assertThrows(ProblemException.class, () -> parse(name, value)).problem();
        assertEquals(400, problem.status());
        assertEquals("invalid_request", problem.code());
        assertTrue(problem.detail().contains("'" + name + "'"), problem.detail());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "|", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z|", "2026-01-01T00:00:00Z|1-2-3-4-5",
        "yesterday|01890a5d-ac96-774b-bcce-b302099a8057", "|01890a5d-ac96-774b-bcce-b302099a8057",
        "2026-01-01T00:00:00Z|01890a5d-ac96-774b-bcce-b302099a8057|x", "2026-01-01T00:00:00Z|01890a5d-ac96-774b-bcce-b302099a8057' OR 1=1"})
    void refusesACursorThatIsNotOurs(String text) {
        var cursor = Base64.getUrlEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        assertTrue(assertThrows(ProblemException.class, () -> parse("after", cursor)).problem().detail().contains("'after'"));
    }

    @Test
    void leadsFromAPageToTheNext() {
        var last = Entries.at(Instant.parse("2026-01-01T00:00:00.123456Z"));
        var next = LogQuery.next(List.of(Entries.at(Instant.parse("2026-01-02T00:00:00Z")), last), 2);
        assertNotNull(next);
        assertTrue(next.matches("[A-Za-z0-9_-]+"), "goes into a URL as it is: " + next);
        assertEquals(new Cursor(last.acceptedAt(), last.id()), parse("after", next).after());
    }

    @Test
    void leadsNowhereFromTheLastPage() {
        assertNull(LogQuery.next(List.of(), 50));
        assertNull(LogQuery.next(List.of(Entries.at(Instant.EPOCH)), 2));
    }

    @Test
    void searchesAllFunctionsOrTheOneThatIsNamed() {
        assertNull(LogQuery.parse(query()).function());
        assertEquals(HELLO, LogQuery.parse(query("function", "hello")).function());
        assertEquals("failed", LogQuery.parse(query("status", "failed")).status());
        assertThrows(InvalidFunctionException.class, () -> LogQuery.parse(query("function", "Hello")));
        assertThrows(ProblemException.class, () -> LogQuery.parse(query("name", "hello")));
        assertThrows(ProblemException.class, () -> parse("function", "hello"), "a function's own log is of that one");
    }

    private static Search parse(String... namesAndValues) {
        return LogQuery.parse(HELLO, query(namesAndValues));
    }

    private static QueryParameters query(String... namesAndValues) {
        var map = MultiMap.caseInsensitiveMultiMap();
        for (var i = 0; i < namesAndValues.length; i += 2) {
            map.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new QueryParameters(map);
    }
}
