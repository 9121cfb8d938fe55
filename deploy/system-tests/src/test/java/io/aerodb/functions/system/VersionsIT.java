package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Versions, changes of the configuration, and how several gateways hear of them. */
class VersionsIT {

    /** A second, and what a busy machine may take on top of it. */
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final String V1 = Functions.answering("one", 0);
    private static final String V2 = Functions.answering("two", 0);

    private static TestPlatform platform;
    private static Api api;
    private static Api other;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of());
        other = platform.startGateway(Map.of());
        platform.startWorker(Map.of());
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void changesTheConfigurationAndNothingThatIsNotNamed() {
        api.deployed("patched", Functions.ECHO, "{\"timeout_ms\": 2000, \"env\": {\"API_KEY\": \"s3cret\", \"MODE\": \"slow\"}}");
        var response = patch(api, "patched", "{\"memory_mb\": 8, \"env\": {\"MODE\": null, \"API_KEY\": \"***REDACTED***\"}}");
        assertEquals(200, response.statusCode(), () -> text(response));
        var config = json(response).path("config");
        assertEquals(2, json(response).path("version").asInt());
        assertEquals(8, config.path("memory_mb").asInt());
        assertEquals(2000, config.path("timeout_ms").asInt());
        assertEquals("***REDACTED***", config.path("env").path("API_KEY").asText());
        assertTrue(config.path("env").path("MODE").isMissingNode());
        assertEquals(json(response), json(api.get("/functions/v1/patched")));
        assertEquals(10_000, json(patch(api, "patched", "{\"timeout_ms\": null}")).path("config").path("timeout_ms").asInt());
        assertEquals("x", new String(api.invoke("patched", "x").body()));
    }

    @Test
    void changesNothingWithTheSamePatchAgain() {
        api.deployed("same", Functions.ECHO, "{}");
        var first = patch(api, "same", "{\"timeout_ms\": 3000}");
        var second = patch(api, "same", "{\"timeout_ms\": 3000}");
        assertEquals(json(first), json(second));
        assertEquals(etag(first), etag(second));
        assertEquals(etag(second), etag(api.get("/functions/v1/same")));
        var shown = json(second).path("config").toString();
        assertEquals(json(second), json(patch(api, "same", shown)), "the configuration as it is shown changes nothing");
    }

    @Test
    void guardsAgainstLostUpdates() {
        var seen = etag(api.deploy("guarded", Functions.ECHO, "{}"));
        var changed = patch(api, "guarded", "{\"timeout_ms\": 3000}", "If-Match", seen);
        assertEquals(200, changed.statusCode(), () -> text(changed));
        assertNotEquals(seen, etag(changed));
        assertProblem(409, "conflict", patch(other, "guarded", "{\"timeout_ms\": 4000}", "If-Match", seen));
        assertProblem(409, "conflict", patch(api, "guarded", "{\"timeout_ms\": 3000}", "If-Match", "W/" + etag(changed)));
        assertProblem(409, "conflict", activate(api, "guarded", "1", "If-Match", seen));
        assertProblem(400, "invalid_request", patch(api, "guarded", "{}", "If-Match", "3"));
        assertEquals(200, patch(api, "guarded", "{}", "If-Match", "*").statusCode());
        assertEquals(3000, json(api.get("/functions/v1/guarded")).path("config").path("timeout_ms").asInt());
    }

    @Test
    void letsOneOfThoseThroughThatChangeTheSameAtOnce() throws Exception {
        var seen = etag(api.deploy("contended", Functions.ECHO, "{}"));
        var statuses = new ArrayList<Integer>();
        for (var response : atOnce(IntStream.range(0, 8).<Callable<HttpResponse<byte[]>>>mapToObj(i ->
                () -> patch(i % 2 == 0 ? api : other, "contended", "{\"timeout_ms\": " + (1000 + i) + "}", "If-Match", seen)).toList())) {
            statuses.add(response.statusCode());
        }
        assertEquals(1, statuses.stream().filter(status -> status == 200).count(), statuses::toString);
        assertEquals(7, statuses.stream().filter(status -> status == 409).count(), statuses::toString);
    }

    @Test
    void refusesPatchesThatAreWrongAndNamesWhatIsWrong() {
        api.deployed("strict", Functions.ECHO, "{}");
        assertTrue(assertProblem(400, "invalid_request", patch(api, "strict", "{\"colour\": null}")).contains("'colour'"));
        assertTrue(assertProblem(400, "limit_out_of_range", patch(api, "strict", "{\"timeout_ms\": 1}")).contains("timeout_ms"));
        assertTrue(assertProblem(400, "invalid_request", patch(api, "strict", "{\"env\": {\"A_TOKEN\": \"***REDACTED***\"}}")).contains("A_TOKEN"));
        assertProblem(400, "invalid_request", patch(api, "strict", "[]"));
        assertProblem(400, "invalid_request", patch(api, "strict", ""));
        assertProblem(400, "invalid_request", patch(api, "strict?force=1", "{}"));
        assertProblem(400, "invalid_name", patch(api, "Strict", "{}"));
        assertProblem(404, "function_not_found", patch(api, "never-there", "{}"));
        assertProblem(413, "payload_too_large", patch(api, "strict", "{\"env\": {\"A\": \"" + "x".repeat(300_000) + "\"}}"));
        var plain = api.send(api.as(Role.SERVICE, "/functions/v1/strict").method("PATCH", BodyPublishers.ofString("{}")));
        assertProblem(415, "unsupported_media_type", plain);
        assertTrue(plain.headers().firstValue("accept-patch").orElse("").contains("application/merge-patch+json"));
        assertEquals(200, patch(api, "strict", "{}", "Content-Type", "application/json; charset=utf-8").statusCode());
        assertProblem(403, "forbidden", api.send(api.as(Role.AUTHENTICATED, "/functions/v1/strict")
                .header("Content-Type", "application/json").method("PATCH", BodyPublishers.ofString("{}"))));
        assertEquals(1, json(api.get("/functions/v1/strict")).path("version").asInt());
    }

    @Test
    void listsVersionsAndGoesBackToOne() {
        api.deployed("rolled", V1, "{\"timeout_ms\": 1000, \"env\": {\"API_KEY\": \"s3cret\"}}");
        api.deployed("rolled", V2, "{\"timeout_ms\": 2000}");
        patch(api, "rolled", "{\"timeout_ms\": 3000}");
        var versions = json(api.get("/functions/v1/rolled/versions"));
        assertEquals(List.of(3, 2, 1), numbers(versions));
        assertTrue(versions.path("next").isNull());
        var first = versions.path("versions").path(2);
        assertFalse(first.path("active").asBoolean());
        assertTrue(versions.path("versions").path(0).path("active").asBoolean());
        assertEquals(versions.path("versions").path(0).path("wasm_hash"), versions.path("versions").path(1).path("wasm_hash"));
        assertEquals("***REDACTED***", first.path("config").path("env").path("API_KEY").asText());
        assertTrue(first.path("config").path("enabled").isMissingNode());
        assertFalse(versions.toString().contains("s3cret"));

        var back = activate(api, "rolled", "1");
        assertEquals(200, back.statusCode(), () -> text(back));
        assertEquals(1, json(back).path("version").asInt());
        assertEquals(first.path("wasm_hash"), json(back).path("wasm_hash"));
        assertEquals(1000, json(back).path("config").path("timeout_ms").asInt());
        assertEquals("one", new String(api.invoke("rolled", "").body()));
        assertEquals(json(back), json(activate(other, "rolled", "1")), "activating the active one changes nothing");
        assertEquals(4, json(api.deploy("rolled", V2)).path("version").asInt());
        assertEquals(List.of(4, 3), numbers(json(api.get("/functions/v1/rolled/versions?limit=2"))));
        var page = json(api.get("/functions/v1/rolled/versions?limit=2&after=3"));
        assertEquals(List.of(2, 1), numbers(page));
        assertTrue(page.path("next").isNull());
    }

    @Test
    void saysWhichVersionsThereAreNot() {
        api.deployed("single", V1, "{}");
        for (var number : List.of("2", "0", "-1", "one", "99999999999")) {
            assertProblem(404, "version_not_found", activate(api, "single", number));
        }
        assertProblem(404, "function_not_found", activate(api, "never-there", "1"));
        assertProblem(404, "function_not_found", api.get("/functions/v1/never-there/versions"));
        for (var query : List.of("limit=0", "limit=501", "after=x", "after=0", "page=1", "limit=1&limit=2")) {
            assertProblem(400, "invalid_request", api.get("/functions/v1/single/versions?" + query));
        }
    }

    @Test
    void listsFunctionsInPagesAndRefusesWrongOnes() {
        for (var i = 0; i < 4; i++) {
            api.deployed("leaf-" + i, V1, "{}");
        }
        var page = json(api.get("/functions/v1?limit=2&after=leaf-1"));
        assertEquals("leaf-2", page.path("functions").path(0).path("name").asText());
        for (var query : List.of("limit=0", "limit=501", "limit=ten", "limit=", "after=%00", "after=A", "after=x'--", "after=a&after=b", "order=asc")) {
            assertProblem(400, "invalid_request", api.get("/functions/v1?" + query));
        }
        var names = new ArrayList<String>();
        var after = "";
        do {
            var next = json(api.get("/functions/v1?limit=3&after=" + after));
            next.path("functions").forEach(function -> names.add(function.path("name").asText()));
            assertTrue(next.path("functions").size() > 0, "no page is empty");
            after = next.path("next").asText("");
        } while (!after.isEmpty() && !after.equals("null"));
        assertEquals(names.size(), new HashSet<>(names).size());
        assertTrue(names.containsAll(List.of("leaf-0", "leaf-1", "leaf-2", "leaf-3")));
    }

    @Test
    void turnsFunctionsOffAndOnEverywhereWithoutAVersion() {
        api.deployed("switch", V1, "{}");
        assertEquals(200, other.invoke("switch", "").statusCode());
        assertFalse(json(patch(api, "switch", "{\"enabled\": false}")).path("enabled").asBoolean());
        assertProblem(404, "function_not_found", api.invoke("switch", ""));
        Awaitility.await().atMost(SOON).until(() -> other.invoke("switch", "").statusCode() == 404);
        patch(api, "switch", "{\"enabled\": true}");
        Awaitility.await().atMost(SOON).until(() -> other.invoke("switch", "").statusCode() == 200);
        assertEquals(1, json(api.get("/functions/v1/switch")).path("version").asInt());
    }

    @Test
    void isHeardOfByEveryGateway() {
        api.deployed("heard", V1, "{}");
        assertEquals("one", new String(other.invoke("heard", "").body()), "a new function is callable at once");
        api.deployed("heard", V2, "{}");
        awaitAnswer("heard", "two");
        activate(api, "heard", "1");
        awaitAnswer("heard", "one");
        api.delete("/functions/v1/heard");
        Awaitility.await().atMost(SOON).until(() -> other.invoke("heard", "").statusCode() == 404);
    }

    @Test
    void isHeardOfByAGatewayThatLostTheConnectionItListensOn() {
        for (var round = 0; round < 5; round++) {
            api.deployed("overheard", round % 2 == 0 ? V1 : V2, "{}");
            awaitAnswer("overheard", round % 2 == 0 ? "one" : "two");
            platform.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                    + "WHERE application_name = 'aerofn-gateway-listener' AND datname = current_database()");
            patch(api, "overheard", "{\"enabled\": false}");
            Awaitility.await().atMost(SOON).until(() -> other.invoke("overheard", "").statusCode() == 404);
            patch(api, "overheard", "{\"enabled\": true}");
        }
    }

    @Test
    void givesDeploymentsThroughSeveralGatewaysAtOnceAVersionEach() throws Exception {
        var deployments = atOnce(IntStream.range(0, 8).<Callable<HttpResponse<byte[]>>>mapToObj(i ->
                () -> (i % 2 == 0 ? api : other).deploy("raced", Functions.answering("racer " + i, 0), "{\"env\": {\"RACER\": \"racer " + i + "\"}}")).toList());
        Set<Integer> versions = new HashSet<>();
        for (var deployment : deployments) {
            assertTrue(List.of(200, 201).contains(deployment.statusCode()), () -> text(deployment));
            versions.add(json(deployment).path("version").asInt());
        }
        assertEquals(Set.of(1, 2, 3, 4, 5, 6, 7, 8), versions);
        var active = json(api.get("/functions/v1/raced"));
        var answer = active.path("config").path("env").path("RACER").asText();
        assertEquals(8, active.path("version").asInt());
        awaitAnswer("raced", answer);
        assertEquals(active, json(other.get("/functions/v1/raced")));
        for (var version : json(api.get("/functions/v1/raced/versions")).path("versions")) {
            activate(api, "raced", version.path("version").asText());
            assertEquals(version.path("config").path("env").path("RACER").asText(), new String(api.invoke("raced", "").body()),
                    "module and configuration of a version belong together");
        }
    }

    @Test
    void leavesTheNamesOfItsRoutesToFunctions() {
        for (var name : List.of("logs", "versions", "secrets")) {
            api.deployed(name, Functions.ECHO, "{}");
            assertEquals(200, api.send(api.as(Role.SERVICE, "/functions/v1/invoke/" + name)).statusCode(), name);
        }
        assertEquals("x", new String(api.send(api.as(Role.SERVICE, "/functions/v1/invoke/versions/2/activate").POST(BodyPublishers.ofString("x"))).body(),
                StandardCharsets.UTF_8));
    }

    private static void awaitAnswer(String name, String answer) {
        Awaitility.await().atMost(SOON).until(() -> new String(other.invoke(name, "").body(), StandardCharsets.UTF_8).equals(answer));
    }

    private static <T> List<T> atOnce(List<Callable<T>> calls) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = new ArrayList<T>();
            for (var result : threads.invokeAll(calls)) {
                results.add(result.get());
            }
            return results;
        }
    }

    private static HttpResponse<byte[]> patch(Api through, String name, String patch, String... headers) {
        var request = through.as(Role.SERVICE, "/functions/v1/" + name).method("PATCH", BodyPublishers.ofString(patch));
        if (!List.of(headers).contains("Content-Type")) {
            request.header("Content-Type", "application/merge-patch+json");
        }
        return through.send(headers.length == 0 ? request : request.headers(headers));
    }

    private static HttpResponse<byte[]> activate(Api through, String name, String version, String... headers) {
        var request = through.as(Role.SERVICE, "/functions/v1/" + name + "/versions/" + version + "/activate").POST(BodyPublishers.noBody());
        return through.send(headers.length == 0 ? request : request.headers(headers));
    }

    private static String etag(HttpResponse<byte[]> response) {
        return response.headers().firstValue("etag").orElseThrow(() -> new AssertionError(text(response)));
    }

    private static List<Integer> numbers(JsonNode page) {
        var numbers = new ArrayList<Integer>();
        page.path("versions").forEach(version -> numbers.add(version.path("version").asInt()));
        return numbers;
    }
}
