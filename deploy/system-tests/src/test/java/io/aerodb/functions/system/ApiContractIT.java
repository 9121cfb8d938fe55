package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.id;
import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.system.Api.Part;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Walks every operation of the OpenAPI document and every error that it documents, and compares the answers with their schemas. What
 * became of an invocation is written into its row where no function can bring it about.
 */
class ApiContractIT {

    private static final String V1 = "/functions/v1";
    private static final String INVOCATIONS = V1 + "/invocations/";
    private static final byte[] TWO_MEMORIES = {0, 'a', 's', 'm', 1, 0, 0, 0, /* memories */ 5, 5, 2, 0, 1, 0, 1};
    private static final String SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    private static final Set<String> OUTCOMES =
            Set.of("module_rejected", "function_error", "host_function_error", "worker_lost", "function_timeout", "memory_limit_exceeded");

    private TestPlatform platform;
    private Api api;
    private ApiContract contract;

    @Test
    void answersAsDocumented() throws Exception {
        try (var kafka = TestKafka.own(); var postgres = TestPostgres.own(); var running = TestPlatform.on(kafka, postgres)) {
            platform = running;
            api = platform.startGateway(Map.of());
            try (var compared = new ApiContract(json(api.send(api.request("/openapi.json"))))) {
                contract = compared;
                platform.startWorker(Map.of());
                api.deployed("parcel", Functions.ECHO, "{}");
                tellsAboutTheGateway();
                asksWhoCalls();
                deploys();
                managesFunctionsAndSecrets();
                changesFunctions();
                takesWebhooks();
                for (var operation : List.of("invoke", "invokeByName")) {
                    invokes(operation, operation.equals("invoke") ? V1 + "/invoke/" : V1 + "/");
                }
                showsInvocations();
                replaysInvocations();
                replaysMany();
                backfills();
                listsDeadLetters();
                answersPreflights();
                refusesWhatNoOperationTakes();
                postgres.stop();
                saysWhatIsAway();
                kafka.stop();
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(
                        () -> contract.check("ready", api.send(api.request("/health/ready"))).statusCode() == 503);
                contract.assertComplete(Set.of("method_not_allowed", "uri_too_long", "headers_too_large"));
            }
        }
    }

    private void tellsAboutTheGateway() {
        for (var probe : Map.of("live", "/health/live", "ready", "/health/ready", "metrics", "/metrics", "documentAsJson", "/openapi.json",
                "documentAsYaml", "/openapi.yaml").entrySet()) {
            assertEquals(200, contract.check(probe.getKey(), api.send(api.request(probe.getValue()))).statusCode());
        }
    }

    /** Without a token, or with one that is not valid; and with one of a role that may not. */
    private void asksWhoCalls() {
        for (var operation : contract.operations()) {
            var request = api.request(path(operation.path())).method(operation.method(), BodyPublishers.noBody());
            if (operation.responses().has("401")) {
                contract.check(operation.id(), api.send(request.copy().header("Authorization", "Bearer x")));
            }
            if (operation.responses().has("403")) {
                contract.check(operation.id(), api.send(request.copy().header("Authorization", "Bearer " + Api.token(Role.ANON))));
            }
        }
    }

    private void deploys() throws Exception {
        var name = Part.field("name", "deployed");
        var wasm = Part.file("wasm", Functions.ECHO.getBytes(StandardCharsets.UTF_8));
        var uploads = List.of(
                List.of(name, wasm), List.of(name, wasm), List.of(wasm), List.of(Part.field("name", "No"), wasm),
                List.of(name, Part.file("wasm", new byte[] {1})), List.of(name, Part.file("wasm", TWO_MEMORIES)),
                List.of(name, Part.file("wasm", Functions.ECHO.replace("aerodb_v1", "env").getBytes(StandardCharsets.UTF_8))),
                List.of(name, wasm, Part.field("config", "{\"timeout_ms\": 1}")), List.of(name, wasm, Part.field("config", "{\"triggers\": [{\"type\": \"x\"}]}")), List.of(name, Part.file("wasm", new byte[11 << 20])));
        uploads.forEach(parts -> contract.check("deploy", api.deploy(parts.toArray(Part[]::new))));
        var slow = new ArrayList<Socket>();
        try {
            for (var i = 0; i < 8; i++) {
                slow.add(unfinishedDeployment());
            }
            var refused = Awaitility.await().until(() -> api.deploy(name, wasm), answer -> answer.statusCode() == 429);
            contract.check("deploy", refused);
        } finally {
            for (var socket : slow) {
                socket.close();
            }
        }
        var without = platform.startGateway(Map.of("AEROFN_SECRETS_KEYS", ""));
        contract.check("deploy", without.deploy("deployed", Functions.ECHO, "{\"env\": {\"DB_PASSWORD\": \"value\"}}"));
        contract.check("configureFunction", without.send(without.as(Role.SERVICE, V1 + "/deployed").header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString("{\"env\": {\"DB_PASSWORD\": \"value\"}}"))));
        contract.check("putSecret", without.send(without.as(Role.SERVICE, V1 + "/parcel/secrets/KEY").PUT(BodyPublishers.ofString("value"))));
    }

    private Socket unfinishedDeployment() throws IOException {
        var socket = new Socket(api.url().getHost(), api.url().getPort());
        socket.getOutputStream().write(("POST " + V1 + "/deploy HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + Api.token(Role.SERVICE)
                + "\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private void managesFunctionsAndSecrets() {
        service("putSecret", "PUT", V1 + "/parcel/secrets/KEY", "value", 204);
        service("putSecret", "PUT", V1 + "/Parcel/secrets/KEY", "value", 400);
        service("putSecret", "PUT", V1 + "/parcel/secrets/KEY", "", 400);
        service("putSecret", "PUT", V1 + "/nobody/secrets/KEY", "value", 404);
        service("putSecret", "PUT", V1 + "/parcel/secrets/KEY", "x".repeat(8193), 413);
        service("listFunctions", "GET", V1, "", 200);
        service("listFunctions", "GET", V1 + "?limit=0", "", 400);
        service("describeFunction", "GET", V1 + "/parcel", "", 200);
        service("describeFunction", "GET", V1 + "/Parcel", "", 400);
        service("describeFunction", "GET", V1 + "/nobody", "", 404);
        service("removeSecret", "DELETE", V1 + "/parcel/secrets/KEY", "", 204);
        service("removeSecret", "DELETE", V1 + "/parcel/secrets/KEY", "", 404);
        service("removeSecret", "DELETE", V1 + "/nobody/secrets/KEY", "", 404);
        service("removeSecret", "DELETE", V1 + "/Parcel/secrets/KEY", "", 400);
        service("removeFunction", "DELETE", V1 + "/deployed", "", 204);
        service("removeFunction", "DELETE", V1 + "/deployed", "", 404);
        service("removeFunction", "DELETE", V1 + "/Deployed", "", 400);
    }

    private void changesFunctions() throws Exception {
        var patched = V1 + "/patched";
        api.deployed("patched", Functions.ECHO, "{}");
        patch(patched, "{\"timeout_ms\": 2000}", 200);
        patch(patched, "{\"triggers\": [{\"type\": \"schedule\", \"cron\": \"@yearly\"}, {\"type\": \"webhook\", \"scheme\": \"stripe\", \"secret\": \"STRIPE\"}]}", 200);
        service("describeFunction", "GET", patched, "", 200);
        for (var wrong : List.of("{\"x\": 1}", "{\"timeout_ms\": 1}", "{\"triggers\": [{\"type\": \"schedule\", \"cron\": \"x\"}]}")) {
            patch(patched, wrong, 400);
        }
        patch(V1 + "/Patched", "{}", 400);
        patch(V1 + "/nobody", "{}", 404);
        patch(patched, "{\"env\": {\"A\": \"" + "x".repeat(300_000) + "\"}}", 413);
        contract.check("configureFunction", api.send(guarded(patched).header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString("{\"memory_mb\": 2}"))));
        service("configureFunction", "PATCH", patched, "{}", 415);
        service("listVersions", "GET", patched + "/versions", "", 200);
        service("listVersions", "GET", patched + "/versions?limit=0", "", 400);
        service("listVersions", "GET", V1 + "/Patched/versions", "", 400);
        service("listVersions", "GET", V1 + "/nobody/versions", "", 404);
        service("activateVersion", "POST", patched + "/versions/1/activate", "", 200);
        service("activateVersion", "POST", patched + "/versions/1/activate?x=1", "", 400);
        service("activateVersion", "POST", V1 + "/Patched/versions/1/activate", "", 400);
        service("activateVersion", "POST", patched + "/versions/99/activate", "", 404);
        service("activateVersion", "POST", V1 + "/nobody/versions/1/activate", "", 404);
        contract.check("activateVersion", api.send(guarded(patched + "/versions/2/activate").POST(BodyPublishers.noBody())));
    }

    private void patch(String path, String patch, int expected) {
        var answer = contract.check("configureFunction", api.send(api.as(Role.SERVICE, path).header("Content-Type", "application/merge-patch+json")
                .method("PATCH", BodyPublishers.ofString(patch))));
        assertEquals(expected, answer.statusCode(), () -> patch + ": " + text(answer));
    }

    private HttpRequest.Builder guarded(String path) {
        return api.as(Role.SERVICE, path).header("If-Match", "\"0\"");
    }

    private void takesWebhooks() {
        var trigger = "\"triggers\": [{\"type\": \"webhook\", \"scheme\": \"github\", \"secret\": \"GITHUB\"}]";
        api.deployed("hooked", Functions.ECHO, "{" + trigger + "}");
        service("putSecret", "PUT", V1 + "/hooked/secrets/GITHUB", "It's a Secret to Everybody", 204);
        var path = V1 + "/webhooks/hooked";
        contract.check("receiveWebhook", signed(path));
        service("receiveWebhook", "POST", path, "Hello, World!", 401);
        contract.check("receiveWebhook", api.send(api.request(path).header("X-Hub-Signature-256", SIGNATURE).POST(BodyPublishers.ofString("Hello, World!"))));
        service("receiveWebhook", "POST", V1 + "/webhooks/Hooked", "", 400);
        service("receiveWebhook", "POST", V1 + "/webhooks/parcel", "", 404);
        var tooLarge = api.request(path).header("X-Hub-Signature-256", SIGNATURE).POST(BodyPublishers.ofString("x".repeat((1 << 20) + 1)));
        assertEquals(413, contract.check("receiveWebhook", api.send(tooLarge)).statusCode());
        api.deployed("hooked", Functions.ECHO, "{\"rate_limit\": {\"per_second\": 1}, " + trigger + "}");
        Awaitility.await().until(() -> contract.check("receiveWebhook", signed(path)).statusCode() == 429);
    }

    /** GitHub's own example. */
    private HttpResponse<byte[]> signed(String path) {
        return api.send(api.request(path).header("X-Hub-Signature-256", SIGNATURE).header("X-GitHub-Delivery", UUID.randomUUID().toString())
                .POST(BodyPublishers.ofString("Hello, World!")));
    }

    private void invokes(String operation, String prefix) throws Exception {
        var path = prefix + "parcel";
        service(operation, "POST", path, "{}", 200);
        contract.check(operation, api.send(api.as(Role.SERVICE, path).header("Prefer", "respond-async").POST(BodyPublishers.ofString("x"))));
        service(operation, "POST", prefix + "Parcel", "", 400);
        service(operation, "POST", prefix + "nobody", "", 404);
        service(operation, "POST", path, "x".repeat((1 << 20) + 1), 413);
        contract.check(operation, keyed(path, "", "x"));
        api.deployed("answering", Functions.answering("{\"statusCode\": 42}", 0), "{}");
        service(operation, "POST", prefix + "answering", "", 502);
        api.deployed("limited", Functions.ECHO, "{\"rate_limit\": {\"per_second\": 1}}");
        Awaitility.await().until(() -> contract.check(operation, api.send(api.as(Role.SERVICE, prefix + "limited")
                .POST(BodyPublishers.noBody()))).statusCode() == 429);
        var broken = "broken-" + operation.length(); // the circuit is open for the first, so the second needs another function
        api.deployed(broken, Functions.CRASH,
                "{\"circuit_breaker\": {\"min_calls\": 1, \"failure_percent\": 1, \"open_ms\": 3600000}}");
        service(operation, "POST", prefix + broken, "", 500);
        service(operation, "POST", prefix + broken, "", 503);

        var key = UUID.randomUUID().toString();
        var first = id(keyed(path, key, "x"));
        awaitEnd(first);
        contract.check(operation, keyed(path, key, "y"));
        for (var code : OUTCOMES) {
            failed(first, code);
            contract.check(operation, keyed(path, key, "x"));
        }
        gone(first);
        contract.check(operation, keyed(path, key, "x"));
        platform.execute("UPDATE aerodb.idempotency_keys SET invocation = '" + InvocationId.at(Instant.now())
                + "', deadline = now() + interval '1 hour' WHERE invocation = '" + first + "'");
        contract.check(operation, keyed(path, key, "x"));
    }

    private void showsInvocations() throws Exception {
        var id = id(keyed(V1 + "/invoke/parcel", UUID.randomUUID().toString(), "{}"));
        awaitEnd(id);
        var result = INVOCATIONS + id + "/result";
        service("functionLogs", "GET", V1 + "/parcel/logs", "", 200);
        service("functionLogs", "GET", V1 + "/parcel/logs?limit=x", "", 400);
        service("functionLogs", "GET", V1 + "/Parcel/logs", "", 400);
        service("functionLogs", "GET", V1 + "/nobody/logs", "", 404);
        var one = platform.startGateway(Map.of("AEROFN_GATEWAY_MAX_FOLLOWERS", "1"));
        try (var _ = EventClient.open(one, V1 + "/parcel/logs", null)) {
            var second = one.as(Role.SERVICE, V1 + "/parcel/logs").header("Accept", "text/event-stream");
            contract.check("functionLogs", Awaitility.await().until(() -> one.send(second), answer -> answer.statusCode() == 429));
        }
        service("searchInvocations", "GET", V1 + "/invocations", "", 200);
        service("searchInvocations", "GET", V1 + "/invocations?status=x", "", 400);
        service("searchInvocations", "GET", V1 + "/invocations?function=X", "", 400);
        service("showInvocation", "GET", INVOCATIONS + id, "", 200);
        service("showInvocation", "GET", INVOCATIONS + id + "?wait=x", "", 400);
        service("showInvocation", "GET", INVOCATIONS + "x", "", 404);
        service("invocationResult", "GET", result, "", 200);
        service("invocationResult", "GET", result + "?wait=x", "", 400);
        service("invocationResult", "GET", INVOCATIONS + "x/result", "", 404);
        api.deployed("answering", Functions.answering("{\"statusCode\": 42}", 0), "{}");
        var bad = id(api.invoke("answering", ""));
        awaitEnd(bad);
        service("invocationResult", "GET", INVOCATIONS + bad + "/result", "", 502);
        service("cancelInvocation", "DELETE", INVOCATIONS + id, "", 409);
        service("cancelInvocation", "DELETE", INVOCATIONS + id + "?x=1", "", 400);
        service("cancelInvocation", "DELETE", INVOCATIONS + "x", "", 404);
        for (var code : OUTCOMES) {
            failed(id, code);
            contract.check("invocationResult", api.get(result));
            service("showInvocation", "GET", INVOCATIONS + id, "", 200);
        }
        for (var code : List.of("function_not_found", "request_gone")) {
            failed(id, code);
            contract.check("invocationResult", api.get(result));
        }
        gone(id);
        service("invocationResult", "GET", result, "", 410);
        become(id, "accepted");
        platform.execute("UPDATE aerodb.function_invocations SET finished_at = NULL WHERE id = '" + id + "'"); // nothing has been tried yet
        service("invocationResult", "GET", result, "", 409);
        service("cancelInvocation", "DELETE", INVOCATIONS + id, "", 409);
        become(id, "cancelled");
        service("invocationResult", "GET", result, "", 409);
        service("cancelInvocation", "DELETE", INVOCATIONS + id, "", 200);
    }

    private void replaysInvocations() throws Exception {
        api.deployed("again", Functions.ECHO, "{}");
        var id = id(api.invoke("again", "{}"));
        awaitEnd(id);
        var replay = INVOCATIONS + id + "/replay";
        service("replayInvocation", "POST", replay, "", 202);
        service("replayInvocation", "POST", replay + "?version=x", "", 400);
        service("replayInvocation", "POST", replay + "?version=99", "", 404);
        service("replayInvocation", "POST", INVOCATIONS + "x/replay", "", 404);
        for (var version : List.of("1", "active")) {
            contract.check("replayInvocation", api.send(api.as(Role.SERVICE, replay + "?version=" + version).header("Idempotency-Key", "k")
                    .POST(BodyPublishers.noBody())));
        }
        platform.execute("UPDATE aerodb.function_invocations SET request_offset = 1000000000 WHERE id = '" + id + "'");
        service("replayInvocation", "POST", replay, "", 410);
        become(id, "accepted");
        service("replayInvocation", "POST", replay, "", 409);
        become(id, "succeeded");
        service("removeFunction", "DELETE", V1 + "/again", "", 204);
        service("replayInvocation", "POST", replay, "", 404);
    }

    private void replaysMany() throws Exception {
        var replays = V1 + "/replays";
        var added = service("startReplay", "POST", replays, "{\"function\": \"parcel\", \"until\": \"2020-01-01T00:00:00Z\"}", 202);
        service("startReplay", "POST", replays, "{}", 400);
        service("startReplay", "POST", replays, "{\"function\": \"X\"}", 400);
        service("startReplay", "POST", replays, "{\"function\": \"nobody\"}", 404);
        service("startReplay", "POST", replays, "{\"function\": \"parcel\", \"version\": 99}", 404);
        service("startReplay", "POST", replays, "x".repeat(20_000), 413);
        service("listReplays", "GET", replays, "", 200);
        service("listReplays", "GET", replays + "?after=x", "", 400);
        var one = replays + "/" + json(added).path("id").asText();
        service("showReplay", "GET", one, "", 200);
        service("showReplay", "GET", replays + "/x", "", 404);
        service("cancelReplay", "DELETE", one, "", 200);
        service("cancelReplay", "DELETE", replays + "/x", "", 404);
        platform.execute("UPDATE aerodb.replays SET state = 'completed'");
        service("cancelReplay", "DELETE", one, "", 409);
    }

    private void backfills() throws Exception {
        platform.execute("CREATE TABLE parcels (id int PRIMARY KEY); CREATE TABLE keyless (id int)");
        var filled = V1 + "/filled";
        var triggers = api.deployed("filled", Functions.ECHO, """
                {"triggers": [{"type": "database", "table": "parcels", "operations": ["insert"]}, {"type": "database", "table": "keyless", "operations": ["insert"]}]}""")
                .path("triggers");
        var start = filled + "/triggers/" + triggers.path(0).path("id").asText() + "/backfill";
        var first = contract.check("startBackfill", keyed(start, "k", "{\"rate\": 10}"));
        assertEquals(202, first.statusCode(), () -> text(first));
        assertEquals(json(first).path("id"), json(contract.check("startBackfill", keyed(start, "k", "{\"rate\": 10}"))).path("id"));
        contract.check("startBackfill", keyed(start, "k", ""));
        service("startBackfill", "POST", start, "", 409);
        service("startBackfill", "POST", filled + "/triggers/" + triggers.path(1).path("id").asText() + "/backfill", "", 409);
        service("startBackfill", "POST", start, "{\"rate\": 0}", 400);
        service("startBackfill", "POST", V1 + "/Filled/triggers/x/backfill", "", 400);
        service("startBackfill", "POST", filled + "/triggers/x/backfill", "", 404);
        service("startBackfill", "POST", V1 + "/nobody/triggers/x/backfill", "", 404);
        service("startBackfill", "POST", start, "x".repeat(20_000), 413);
        service("listBackfills", "GET", filled + "/backfills", "", 200);
        service("listBackfills", "GET", filled + "/backfills?after=x", "", 400);
        service("listBackfills", "GET", V1 + "/Filled/backfills", "", 400);
        service("listBackfills", "GET", V1 + "/nobody/backfills", "", 404);
        var one = filled + "/backfills/" + json(first).path("id").asText();
        for (var operation : Map.of("showBackfill", "GET", "cancelBackfill", "DELETE").entrySet()) {
            service(operation.getKey(), operation.getValue(), one, "", 200);
            service(operation.getKey(), operation.getValue(), V1 + "/Filled/backfills/x", "", 400);
            service(operation.getKey(), operation.getValue(), filled + "/backfills/x", "", 404);
        }
        platform.execute("UPDATE aerodb.backfills SET state = 'failed', error = 'so it was'");
        service("showBackfill", "GET", one, "", 200);
        service("cancelBackfill", "DELETE", one, "", 409);
    }

    private void listsDeadLetters() throws Exception {
        var letters = V1 + "/dead-letters";
        platform.execute("INSERT INTO aerodb.dead_letters VALUES (7, 1, now(), 'broken', 0, NULL, NULL, NULL, 'functions.events', 1, 2)");
        service("listDeadLetters", "GET", letters, "", 200);
        service("listDeadLetters", "GET", letters + "?after=x", "", 400);
        service("listDeadLetters", "GET", letters + "?function=X", "", 400);
        service("showDeadLetter", "GET", letters + "/7-1", "", 200);
        service("showDeadLetter", "GET", letters + "/7-2", "", 404);
        service("discardDeadLetter", "DELETE", letters + "/7-1", "", 204);
        service("discardDeadLetter", "DELETE", letters + "/7-1", "", 404);
    }

    private void answersPreflights() {
        service("preflightByName", "OPTIONS", V1 + "/parcel", "", 204);
        contract.check("preflightByName", api.send(api.request(V1 + "/Parcel").header("Origin", "https://a.example")
                .header("Access-Control-Request-Method", "POST").method("OPTIONS", BodyPublishers.noBody())));
        service("preflightInvocation", "OPTIONS", INVOCATIONS + "x", "", 204);
        service("preflightResult", "OPTIONS", INVOCATIONS + "x/result", "", 204);
    }

    private void refusesWhatNoOperationTakes() {
        service("functionLogs", "DELETE", V1 + "/parcel/logs", "", 405);
        service("listFunctions", "GET", V1 + "?after=" + "x".repeat(5000), "", 414);
        contract.check("listFunctions", api.send(api.as(Role.SERVICE, V1).header("X-Long", "x".repeat(40_000))));
    }

    private void saysWhatIsAway() {
        for (var operation : contract.operations()) {
            if (operation.responses().has("503") && !operation.id().equals("ready")) {
                contract.check(operation.id(), away(operation));
            }
        }
    }

    private HttpResponse<byte[]> away(ApiContract.Described operation) {
        var request = api.as(Role.SERVICE, path(operation.path()));
        return switch (operation.id()) {
            case "deploy" -> api.deploy("parcel", Functions.ECHO);
            case "startReplay" -> api.send(request.POST(BodyPublishers.ofString("{\"function\": \"parcel\"}")));
            case "configureFunction" -> api.send(request.header("Content-Type", "application/json").method("PATCH", BodyPublishers.ofString("{}")));
            case "receiveWebhook" -> api.send(api.request(V1 + "/webhooks/unknown").POST(BodyPublishers.noBody()));
            case "putSecret" -> api.send(request.PUT(BodyPublishers.ofString("value")));
            case "invoke", "invokeByName" -> api.send(request.header("Idempotency-Key", "k").POST(BodyPublishers.ofString("x")));
            default -> api.send(request.method(operation.method(), BodyPublishers.noBody()));
        };
    }

    /** With something that there might be in place of each parameter. */
    private static String path(String template) {
        return template.replace("{name}", "parcel").replace("{key}", "KEY").replace("{version}", "1").replace("{trigger}", UUID.randomUUID().toString())
                .replace("{id}", template.contains("dead-letters") ? "1-1" : InvocationId.at(Instant.now()).toString());
    }

    private HttpResponse<byte[]> service(String operation, String method, String path, String body, int expected) {
        var answer = contract.check(operation, api.send(api.as(Role.SERVICE, path).method(method, BodyPublishers.ofString(body))));
        assertEquals(expected, answer.statusCode(), () -> method + " " + path + ": " + text(answer));
        return answer;
    }

    private HttpResponse<byte[]> keyed(String path, String key, String body) {
        HttpRequest.Builder request = api.as(Role.SERVICE, path).header("Idempotency-Key", key);
        return api.send(request.POST(BodyPublishers.ofString(body)));
    }

    private void awaitEnd(String id) {
        var shown = json(api.get(INVOCATIONS + id + "?wait=60s"));
        assertEquals("succeeded", shown.path("status").asText(), shown::toString);
    }

    private void failed(String id, String code) throws Exception {
        platform.execute("UPDATE aerodb.function_invocations SET status = 'failed', error_code = '" + code
                + "', error_message = 'so it was', result_partition = NULL, result_offset = NULL WHERE id = '" + id + "'");
    }

    private void gone(String id) throws Exception {
        platform.execute("UPDATE aerodb.function_invocations SET status = 'succeeded', error_code = NULL, error_message = NULL WHERE id = '" + id + "'");
    }

    private void become(String id, String status) throws Exception {
        platform.execute("UPDATE aerodb.function_invocations SET status = '" + status + "' WHERE id = '" + id + "'");
    }
}
