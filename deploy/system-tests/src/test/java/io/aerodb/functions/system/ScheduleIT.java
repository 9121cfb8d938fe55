package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Functions that a scheduler runs, as their author sees it. */
class ScheduleIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of());
        platform.startWorker(Map.of());
        platform.startScheduler(Map.of());
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void runsAFunctionOnEveryMatchAsTheService() {
        api.deployed("ticking", Functions.ECHO, schedule("*/2 * * * * *", ""));
        Awaitility.await().atMost(PATIENCE).until(() -> api.rows("ticking").size() >= 3);
        api.deployed("ticking", Functions.ECHO, "{}");
        var fireTimes = new ArrayList<Instant>();
        for (var row : api.rows("ticking")) {
            assertEquals("schedule", row.path("trigger").asText(), row::toString);
            assertEquals("succeeded", row.path("status").asText(), row::toString);
            assertEquals("service_role", row.path("role").asText(), row::toString);
            var payload = json(api.get("/functions/v1/invocations/" + row.path("id").asText())).path("result").path("body");
            assertEquals("*/2 * * * * *", payload.path("schedule").asText(), payload::toString);
            var scheduledFor = Instant.parse(payload.path("scheduled_for").asText());
            assertFalse(Instant.parse(payload.path("timestamp").asText()).isBefore(scheduledFor));
            fireTimes.add(scheduledFor);
        }
        assertEquals(fireTimes.stream().distinct().sorted().toList(), fireTimes.stream().sorted().toList(), "each once");
        assertTrue(fireTimes.stream().allMatch(time -> time.getEpochSecond() % 2 == 0 && time.getNano() == 0), fireTimes::toString);
    }

    @Test
    void stopsWithItsFunction() {
        api.deployed("stopping", Functions.ECHO, schedule("* * * * * *", ""));
        Awaitility.await().atMost(PATIENCE).until(() -> !api.rows("stopping").isEmpty());
        api.delete("/functions/v1/stopping");
        assertEquals(List.of(), platform.query("SELECT 1 FROM aerodb.function_triggers t JOIN aerodb.functions f ON f.id = t.function_id WHERE f.name = 'stopping'"));
    }

    @Test
    void showsItsTriggersAndTheNextFireTimes() {
        var deployed = api.deployed("yearly", Functions.ECHO, schedule("30 12 1 1 *", ", \"timezone\": \"America/New_York\""));
        assertEquals("30 12 1 1 *", deployed.path("config").path("triggers").path(0).path("cron").asText(), deployed::toString);
        var shown = json(api.get("/functions/v1/yearly")).path("triggers").path(0);
        assertEquals("schedule", shown.path("type").asText(), shown::toString);
        var times = new ArrayList<String>();
        shown.path("next_fires").forEach(time -> times.add(time.asText()));
        assertEquals(5, times.size(), shown::toString);
        assertTrue(times.stream().allMatch(time -> time.endsWith("-01-01T17:30:00Z")), times::toString);
        assertEquals(times.stream().distinct().sorted().toList(), times);

        api.deployed("yearly", Functions.ECHO, "{\"enabled\": false, " + schedule("30 12 1 1 *", "").substring(1));
        assertEquals(List.of(), json(api.get("/functions/v1/yearly")).path("triggers").path(0).path("next_fires").valueStream().map(JsonNode::asText).toList());
    }

    @Test
    void startsACallAfterADelayOrAtATime() {
        api.deployed("later", Functions.ECHO, "{\"retry\": {\"max_age_ms\": 1000}}");
        var now = Instant.now();
        var delayed = api.send(async("later", "delayed").header("Delay", "3"));
        var atATime = api.send(async("later", "at a time").header("At", now.plusSeconds(4).toString()));
        var passed = api.send(async("later", "passed").header("At", "2020-01-01T00:00:00+01:00"));
        assertEquals("accepted", json(passed).path("status").asText());
        for (var response : List.of(delayed, atATime)) {
            assertEquals(202, response.statusCode(), () -> Api.text(response));
            assertEquals("scheduled", json(response).path("status").asText());
            var invocation = Awaitility.await().atMost(PATIENCE).until(() -> json(api.get("/functions/v1/invocations/" + Api.id(response))),
                    found -> found.path("status").asText().equals("succeeded"));
            assertFalse(Instant.parse(invocation.path("started_at").asText()).isBefore(now.plusSeconds(3)), invocation::toString);
            assertEquals(1, invocation.path("attempt").asInt(), invocation::toString);
        }
    }

    @Test
    void callsOffWhatHasNotStarted() {
        api.deployed("called-off", Functions.ECHO, "{}");
        var id = Api.id(api.send(async("called-off", "never").header("Delay", "86400")));
        var seen = Awaitility.await().atMost(PATIENCE).until(() -> api.get("/functions/v1/invocations/" + id), found -> found.statusCode() == 200);
        assertEquals("scheduled", json(seen).path("status").asText(), () -> Api.text(seen));
        assertEquals(1, platform.query("SELECT 1 FROM aerodb.due_invocations WHERE id = '" + id + "'").size());
        var cancelled = api.delete("/functions/v1/invocations/" + id);
        assertEquals(200, cancelled.statusCode(), () -> Api.text(cancelled));
        assertEquals("cancelled", api.logRow("called-off", id).path("status").asText());
        assertEquals(0, platform.query("SELECT 1 FROM aerodb.due_invocations WHERE id = '" + id + "'").size());
    }

    @Test
    void saysWhatIsWrongWithAStart() {
        api.deployed("never", Functions.ECHO, "{}");
        assertEquals("the start is too far ahead: the longest delay is 518400 seconds", refusedStart(async("never", "").header("Delay", "518401")));
        assertTrue(refusedStart(async("never", "").header("Delay", "soon")).startsWith("the header Delay must be a whole number"));
        assertTrue(refusedStart(async("never", "").header("At", "tomorrow")).startsWith("the header At must be a time"));
        assertTrue(refusedStart(async("never", "").header("At", "2030-01-01T00:00:00Z").header("Delay", "1")).startsWith("send one of"));
        assertTrue(refusedStart(api.as(Role.SERVICE, "/functions/v1/invoke/never").header("Delay", "1").POST(BodyPublishers.noBody())).contains("respond-async"));
    }

    private static HttpRequest.Builder async(String function, String payload) {
        return api.as(Role.SERVICE, "/functions/v1/invoke/" + function).header("Prefer", "respond-async").POST(BodyPublishers.ofString(payload));
    }

    private static String refusedStart(HttpRequest.Builder request) {
        return assertProblem(400, "invalid_request", api.send(request));
    }

    @Test
    void saysWhatIsWrongWithASchedule() {
        assertTrue(refusal(schedule("0 24 * * *", "")).startsWith("config.triggers[0].cron has '24' as hour"));
        assertTrue(refusal(schedule("0 0 30 2 *", "")).contains("never fires"));
        assertTrue(refusal(schedule("@daily", ", \"timezone\": \"Europe/Nowhere\"")).startsWith("config.triggers[0].timezone is 'Europe/Nowhere'"));
        assertTrue(refusal("{\"triggers\": [{\"type\": \"moon\"}]}").startsWith("config.triggers[0].type is 'moon'"));
    }

    private static String refusal(String config) {
        return assertProblem(400, "invalid_trigger", api.deploy("wrong", Functions.ECHO, config));
    }

    private static String schedule(String cron, String more) {
        return "{\"triggers\": [{\"type\": \"schedule\", \"cron\": \"" + cron + "\"" + more + "}]}";
    }
}
