package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.system.Api.Part;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Deploying, describing and removing functions. */
class DeploymentIT {

    private static final String V1 = Functions.answering("one", 0);
    private static final String V2 = Functions.answering("two", 0);

    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of());
        platform.startWorker(Map.of());
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    @Test
    void deploysTextAndDescribesWhatItDeployed() {
        var response = api.deploy("described", V1, "{\"timeout_ms\": 2000, \"env\": {\"API_KEY\": \"s3cret\", \"ENV\": \"test\"}}");
        assertEquals(201, response.statusCode(), () -> text(response));
        var metadata = json(api.get("/functions/v1/described"));
        assertEquals(json(response), metadata);
        assertEquals(1, metadata.path("version").asInt());
        assertEquals(64, metadata.path("wasm_hash").asText().length());
        assertEquals(2000, metadata.path("config").path("timeout_ms").asInt());
        assertEquals("***REDACTED***", metadata.path("config").path("env").path("API_KEY").asText());
        assertEquals("test", metadata.path("config").path("env").path("ENV").asText());
        assertTrue(metadata.path("enabled").asBoolean());
    }

    @Test
    void makesAVersionOfEveryChangeAndOfNothingElse() {
        assertEquals(201, api.deploy("versioned", V1).statusCode());
        assertEquals(1, version(200, api.deploy("versioned", V1)));
        assertEquals(2, version(200, api.deploy("versioned", V2)));
        assertEquals(2, version(200, api.deploy("versioned", V2, "{}")));
        assertEquals(3, version(200, api.deploy("versioned", V2, "{\"timeout_ms\": 500}")));
        assertEquals(3, version(200, api.deploy("versioned", V2)), "a deployment without config keeps the config");
        assertEquals("two", new String(api.invoke("versioned", "").body()));
    }

    @Test
    void isCallableTheMomentItsDeploymentReturns() {
        for (var i = 0; i < 10; i++) {
            var text = "version " + i;
            api.deployed("moment", Functions.answering(text, 0), "{}");
            assertEquals(text, new String(api.invoke("moment", "").body()));
        }
    }

    @Test
    void isCallableThroughEveryGatewayTheMomentItsDeploymentReturns() throws Exception {
        var other = platform.startGateway(Map.of());
        for (var i = 0; i < 5; i++) {
            api.deployed("everywhere-" + i, Functions.ECHO, "{}");
            var payload = "whole payload of call " + i;
            assertEquals(payload, new String(other.invoke("everywhere-" + i, payload).body()));
        }
    }

    @Test
    void givesDeploymentsAtTheSameTimeAVersionEach() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var deployments = IntStream.range(0, 6)
                    .mapToObj(i -> threads.submit(() -> api.deploy("race", Functions.answering("racer " + i, 0))))
                    .toList();
            Set<Integer> versions = new HashSet<>();
            var created = 0;
            for (var deployment : deployments) {
                assertTrue(List.of(200, 201).contains(deployment.get().statusCode()), text(deployment.get()));
                versions.add(json(deployment.get()).path("version").asInt());
                created += deployment.get().statusCode() == 201 ? 1 : 0;
            }
            assertEquals(Set.of(1, 2, 3, 4, 5, 6), versions);
            assertEquals(1, created);
        }
    }

    @Test
    void removesAFunctionAndItsModuleButNotItsLog() {
        api.deployed("gone", Functions.answering("soon gone", 0), "{}");
        var id = Api.id(api.invoke("gone", ""));
        api.logRow("gone", id);
        var hash = json(api.get("/functions/v1/gone")).path("wasm_hash").asText();
        assertEquals(204, api.delete("/functions/v1/gone").statusCode());
        assertProblem(404, "function_not_found", api.get("/functions/v1/gone"));
        assertProblem(404, "function_not_found", api.invoke("gone", ""));
        assertProblem(404, "function_not_found", api.delete("/functions/v1/gone"));
        assertEquals(List.of(), platform.query("SELECT hash FROM aerodb.modules WHERE hash = '" + hash + "'"));
        assertEquals(1, platform.query("SELECT id FROM aerodb.function_invocations WHERE id = '" + id + "'").size());
    }

    @Test
    void keepsAModuleThatAnotherFunctionUses() {
        api.deployed("twin-a", Functions.answering("twins", 0), "{}");
        api.deployed("twin-b", Functions.answering("twins", 0), "{}");
        assertEquals(204, api.delete("/functions/v1/twin-a").statusCode());
        assertEquals("twins", new String(api.invoke("twin-b", "").body()));
    }

    @Test
    void listsInPages() {
        for (var i = 0; i < 5; i++) {
            api.deployed("page-" + i, V1, "{}");
        }
        var first = json(api.get("/functions/v1?limit=2&after=page-"));
        assertEquals("page-0", first.path("functions").path(0).path("name").asText());
        assertEquals("page-1", first.path("next").asText());
        var second = json(api.get("/functions/v1?limit=2&after=page-1"));
        assertEquals("page-2", second.path("functions").path(0).path("name").asText());
        assertProblem(400, "invalid_request", api.get("/functions/v1?limit=0"));
        assertProblem(400, "invalid_request", api.get("/functions/v1?page=2"));
    }

    @Test
    void isForTheServiceRoleOnly() {
        var body = Api.multipart(List.of(Part.field("name", "x"), Part.file("wasm", V1.getBytes(StandardCharsets.UTF_8))));
        var request = api.as(Role.AUTHENTICATED, "/functions/v1/deploy").header("Content-Type", "multipart/form-data; boundary=the-boundary")
                .POST(BodyPublishers.ofByteArray(body));
        assertProblem(403, "forbidden", api.send(request));
        for (var path : List.of("/functions/v1", "/functions/v1/described", "/functions/v1/described/logs")) {
            assertProblem(403, "forbidden", api.send(api.as(Role.ANON, path)));
            assertProblem(401, "unauthenticated", api.send(api.request(path)));
        }
    }

    static Stream<Arguments> badUploads() {
        var name = Part.field("name", "bad-upload");
        var wasm = Part.file("wasm", V1.getBytes(StandardCharsets.UTF_8));
        return Stream.of(
                bad("a name with a space", 400, "invalid_name", "Send Email", Part.field("name", "Send Email"), wasm),
                bad("a reserved name", 400, "invalid_name", "reserved", Part.field("name", "deploy"), wasm),
                bad("no name", 400, "invalid_request", "'name' is missing", wasm),
                bad("no module", 400, "invalid_request", "'wasm' is missing", name),
                bad("the name twice", 400, "invalid_request", "'name' stands twice", name, name, wasm),
                bad("the module twice", 400, "invalid_request", "'wasm' stands twice", name, wasm, wasm),
                bad("an unknown part", 400, "invalid_request", "'colour'", name, wasm, Part.field("colour", "blue")),
                bad("noise for a module", 400, "invalid_wasm", "", name, Part.file("wasm", new byte[] {1, 2, 3})),
                bad("an empty module", 400, "invalid_wasm", "", name, Part.file("wasm", new byte[0])),
                bad("a truncated module", 400, "invalid_wasm", "", name, Part.file("wasm", new byte[] {0, 'a', 's', 'm', 1, 0, 0})),
                bad("wrong text", 400, "invalid_wasm", "", name, Part.file("wasm", "(module (func (".getBytes(StandardCharsets.UTF_8))),
                bad("no handler", 400, "invalid_wasm", "handler", name, Part.file("wasm", "(module (memory (export \"memory\") 1))".getBytes(StandardCharsets.UTF_8))),
                bad("an import that nobody offers", 400, "unknown_import", "env.open", name, Part.file("wasm", """
                        (module (import "env" "open" (func)) (memory (export "memory") 1) (func (export "handler") (result i32) (i32.const 0)))"""
                        .getBytes(StandardCharsets.UTF_8))),
                bad("two memories", 422, "module_rejected", "memor", name, Part.file("wasm", twoMemories())),
                bad("broken config", 400, "invalid_request", "not valid JSON", name, wasm, Part.field("config", "{\"timeout_ms\": ")),
                bad("an unknown config member", 400, "invalid_request", "timeout", name, wasm, Part.field("config", "{\"timeout\": 1}")),
                bad("a timeout out of range", 400, "limit_out_of_range", "timeout_ms", name, wasm, Part.field("config", "{\"timeout_ms\": 1}")),
                bad("a module over 10 MB", 413, "wasm_too_large", "", name, Part.file("wasm", new byte[11 << 20])));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badUploads")
    void refusesBadUploadsAndKeepsNothingOfThem(String what, int status, String code, String detail, Part[] parts) {
        var before = platform.query("SELECT count(*) FROM aerodb.modules");
        var problem = assertProblem(status, code, api.deploy(parts));
        assertTrue(problem.contains(detail), problem);
        assertEquals(List.of(), platform.query("SELECT name FROM aerodb.functions WHERE name = 'bad-upload'"));
        assertEquals(before, platform.query("SELECT count(*) FROM aerodb.modules"));
    }

    @Test
    void refusesABodyThatIsNoMultipart() {
        assertProblem(400, "invalid_request", api.send(api.as(Role.SERVICE, "/functions/v1/deploy")
                .header("Content-Type", "application/json").POST(BodyPublishers.ofString("{}"))));
    }

    @Test
    void doesNotShowTheDatabaseInItsErrors() {
        assertFalse(text(api.deploy("Bad Name", V1)).contains("SQL"));
    }

    private static int version(int status, HttpResponse<byte[]> response) {
        assertEquals(status, response.statusCode(), () -> text(response));
        return json(response).path("version").asInt();
    }

    private static Arguments bad(String what, int status, String code, String detail, Part... parts) {
        return Arguments.of(what, status, code, detail, parts);
    }

    /** Written as bytes, because the text compiler refuses it by itself. */
    private static byte[] twoMemories() {
        return new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, /* memories */ 5, 5, 2, 0, 1, 0, 1};
    }
}
