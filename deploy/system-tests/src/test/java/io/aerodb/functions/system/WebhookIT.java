package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.id;
import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Signed messages from outside, through a gateway and a worker to what the function sees. */
class WebhookIT {

    private static final byte[] STANDARD_KEY = "a key of at least 24 bytes".getBytes(StandardCharsets.UTF_8);
    private static final String STANDARD = "{\"type\": \"webhook\", \"scheme\": \"standard\", \"secret\": \"STANDARD\"}";
    private static final String GITHUB = "{\"type\": \"webhook\", \"scheme\": \"github\", \"secret\": \"GITHUB\", \"run_as\": \"service_role\"}";

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
    void runsTheFunctionOncePerMessage() {
        deploy("once", Functions.ECHO, STANDARD);
        var message = UUID.randomUUID().toString();
        var first = standard("once", message, "{\"n\": 1}");
        assertEquals(202, first.statusCode(), () -> text(first));
        assertEquals("/functions/v1/invocations/" + id(first), first.headers().firstValue("location").orElse(""));
        assertTrue(first.headers().firstValue("preference-applied").isEmpty());
        assertEquals("accepted", json(first).path("status").asText());
        assertEquals(200, api.get("/functions/v1/invocations/" + id(first)).statusCode(), "it can be asked for at once");
        for (var i = 0; i < 3; i++) {
            assertEquals(id(first), id(standard("once", message, "{\"n\": 1}")));
        }
        assertEquals("succeeded", ended(first).path("status").asText());
        assertEquals(id(first), id(standard("once", message, "{\"n\": 1}")));
        var last = standard("once", UUID.randomUUID().toString(), "{\"n\": 2}");
        assertNotEquals(id(first), id(last));
        ended(last);

        awaitCaughtUp();
        var rows = api.rows("once");
        assertEquals(Set.of(id(first), id(last)), rows.stream().map(row -> row.path("id").asText()).collect(Collectors.toSet()), rows::toString);
        assertEquals(List.of("succeeded", "succeeded"), rows.stream().map(row -> row.path("status").asText()).toList(), "a repeat leaves no row of its own");
        assertEquals(List.of(List.of(1L)), platform.query("SELECT count(*) FROM aerodb.invocation_claims WHERE id = '" + id(first) + "' AND attempt = 1"));
    }

    @Test
    void runsTheFunctionOnceForManyRepeatsAtOnce() {
        deploy("swarm", Functions.ECHO, STANDARD);
        var message = UUID.randomUUID().toString();
        var answers = IntStream.range(0, 50).parallel().mapToObj(_ -> standard("swarm", message, "{}")).toList();
        assertEquals(1, answers.stream().map(Api::id).distinct().count());
        ended(answers.getFirst());
        awaitCaughtUp();
        assertEquals(List.of("succeeded"), api.rows("swarm").stream().map(row -> row.path("status").asText()).toList());
    }

    @Test
    void givesTheFunctionTheRawBody() {
        deploy("raw", Functions.ECHO, STANDARD, GITHUB);
        var body = new byte[300];
        IntStream.range(0, body.length).forEach(i -> body[i] = (byte) i);
        var binary = github("raw", body, "X-GitHub-Delivery", UUID.randomUUID().toString());
        assertEquals(202, binary.statusCode(), () -> text(binary));
        var result = ended(binary).path("result");
        assertEquals("base64", result.path("body_encoding").asText());
        assertArrayEquals(body, Base64.getDecoder().decode(result.path("body").asText()));
        var empty = github("raw", new byte[0], "X-GitHub-Delivery", UUID.randomUUID().toString());
        assertEquals("none", ended(empty).path("result").path("body_encoding").asText());
    }

    @Test
    void givesTheFunctionTheHeadersButNoSignature() {
        deploy("seen", Functions.CONTEXT, STANDARD, GITHUB);
        var delivery = UUID.randomUUID().toString();
        var response = github("seen?x=1", "{}".getBytes(StandardCharsets.UTF_8), "X-GitHub-Delivery", delivery, "X-GitHub-Event", "push",
                "X-Hub-Signature", "sha1=00", "Authorization", "Bearer " + Api.token(Role.SERVICE));
        var row = ended(response);
        assertEquals("webhook", row.path("trigger").asText());
        assertEquals("service_role", row.path("role").asText());
        var context = row.path("result").path("body");
        assertEquals("webhook", context.path("trigger").asText());
        assertEquals("service_role", context.path("role").asText());
        assertEquals("POST", context.path("http").path("method").asText());
        assertEquals("/", context.path("http").path("path").asText());
        assertEquals("x=1", context.path("http").path("query").asText());
        var headers = context.path("http").path("headers").toString();
        assertTrue(headers.contains("[\"x-github-event\",\"push\"]") && headers.contains(delivery), headers);
        assertFalse(headers.contains("signature") || headers.contains("authorization"), headers);
        assertEquals("anon", ended(standard("seen", UUID.randomUUID().toString(), "{}")).path("role").asText());
        assertEquals(2, json(api.get("/functions/v1/seen/logs?trigger=webhook")).path("invocations").size());
    }

    @Test
    void refusesWhatNoSenderHasSigned() {
        deploy("guarded", Functions.ECHO, STANDARD, GITHUB);
        var message = UUID.randomUUID().toString();
        assertUnsigned(api.send(api.request("/functions/v1/webhooks/guarded").POST(BodyPublishers.ofString("{}"))));
        assertUnsigned(api.send(api.as(Role.SERVICE, "/functions/v1/webhooks/guarded").POST(BodyPublishers.ofString("{}"))));
        assertUnsigned(standard("guarded", message, Instant.now(), "another key of 24 bytes..".getBytes(StandardCharsets.UTF_8), "{}"));
        assertUnsigned(standard("guarded", message, Instant.now().minusSeconds(400), STANDARD_KEY, "{}"));
        assertProblem(400, "invalid_request", github("guarded", new byte[] {1}));
        assertProblem(413, "payload_too_large", github("guarded", new byte[(1 << 20) + 1], "X-GitHub-Delivery", message));
        assertEquals(List.of(), api.rows("guarded"));
    }

    @Test
    void refusesWhatCannotBeSignedBeforeItsBodyComes() throws IOException {
        deploy("early", Functions.ECHO, STANDARD, GITHUB);
        for (var header : List.of("X-None: 1", "X-Hub-Signature-256: sha256=00", "webhook-id: 1\r\nwebhook-timestamp: 1\r\nwebhook-signature: v1,AAAA")) {
            try (var socket = new Socket(api.url().getHost(), api.url().getPort())) {
                socket.setSoTimeout(30_000);
                socket.getOutputStream().write(("POST /functions/v1/webhooks/early HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n" + header + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                var answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
                assertEquals("HTTP/1.1 401", answer);
            }
        }
    }

    /** Too large for its signature to be checked in passing. */
    @Test
    void takesLargeMessages() {
        deploy("large", Functions.ECHO, GITHUB);
        var body = new byte[1 << 20];
        assertEquals(202, github("large", body, "X-GitHub-Delivery", "1").statusCode());
        body[0] = 1;
        var forged = api.send(api.request("/functions/v1/webhooks/large").header("X-GitHub-Delivery", "2")
                .header("X-Hub-Signature-256", "sha256=" + "0".repeat(64)).POST(BodyPublishers.ofByteArray(body)));
        assertUnsigned(forged);
    }

    @Test
    void isMissingWhereThereIsNoTrigger() {
        api.deployed("plain", Functions.ECHO, "{}");
        deploy("asleep", Functions.ECHO, STANDARD);
        api.deployed("asleep", Functions.ECHO, "{\"enabled\": false, \"triggers\": [" + STANDARD + "]}");
        for (var name : List.of("plain", "asleep", "nobody")) {
            var missing = assertProblem(404, "function_not_found", standard(name, "m", "{}"));
            assertEquals("there is no function '" + name + "', or it is disabled", missing);
        }
        assertProblem(400, "invalid_name", standard("No", "m", "{}"));
        assertProblem(405, "method_not_allowed", api.get("/functions/v1/webhooks/asleep"));
        assertProblem(404, "not_found", standard("asleep/more", "m", "{}"));
    }

    @Test
    void knowsNewSecretsAndForgetsRemovedOnes() {
        deploy("rotating", Functions.ECHO, GITHUB);
        assertEquals(204, api.delete("/functions/v1/rotating/secrets/GITHUB").statusCode());
        var body = "{}".getBytes(StandardCharsets.UTF_8);
        assertUnsigned(github("rotating", body, "X-GitHub-Delivery", "1"));
        put("rotating", "GITHUB", "the next key\nIt's a Secret to Everybody\n");
        assertEquals(202, github("rotating", body, "X-GitHub-Delivery", "1").statusCode());
        put("rotating", "GITHUB", "the next key");
        assertUnsigned(github("rotating", body, "X-GitHub-Delivery", "1"));
    }

    @Test
    void takesNoMoreThanTheRateAllowsAndNothingForWhatIsNotSigned() {
        api.deployed("slow", Functions.ECHO, "{\"rate_limit\": {\"per_second\": 1, \"burst\": 1}, \"triggers\": [" + GITHUB + "]}");
        put("slow", "GITHUB", "It's a Secret to Everybody");
        for (var i = 0; i < 5; i++) {
            assertUnsigned(api.send(api.request("/functions/v1/webhooks/slow").POST(BodyPublishers.ofString("x"))));
        }
        assertEquals(202, github("slow", new byte[] {1}, "X-GitHub-Delivery", "slow").statusCode());
        var refused = IntStream.range(0, 200).mapToObj(i -> github("slow", new byte[] {1}, "X-GitHub-Delivery", "slow-" + i))
                .filter(answer -> answer.statusCode() != 202).findFirst().orElseThrow();
        assertProblem(429, "too_many_requests", refused);
        assertTrue(refused.headers().firstValue("retry-after").isPresent());
    }

    @Test
    void takesMessagesWhilePostgresIsAway() throws Exception {
        try (var kafka = TestKafka.own(); var postgres = TestPostgres.own(); var alone = TestPlatform.on(kafka, postgres)) {
            var gateway = alone.startGateway(Map.of());
            alone.startWorker(Map.of());
            gateway.deployed("echo", Functions.ECHO, "{\"triggers\": [" + GITHUB + "]}");
            put(gateway, "echo", "GITHUB", "It's a Secret to Everybody");
            postgres.stop();
            var body = "x".getBytes(StandardCharsets.UTF_8);
            var first = github(gateway, "echo", body, "X-GitHub-Delivery", "1");
            var again = github(gateway, "echo", body, "X-GitHub-Delivery", "1");
            assertEquals(202, first.statusCode(), () -> text(first));
            assertEquals(id(first), id(again));
            postgres.start();
            Awaitility.await().atMost(Duration.ofSeconds(90)).ignoreExceptions().untilAsserted(() ->
                    assertEquals("succeeded", json(gateway.get("/functions/v1/invocations/" + id(first))).path("status").asText()));
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertEquals(1, gateway.rows("echo").size()));
        }
    }

    private static void assertUnsigned(HttpResponse<byte[]> response) {
        assertEquals("none of the function's senders has signed this request, or its time is too far from now",
                assertProblem(401, "invalid_signature", response));
        assertEquals("Signature", response.headers().firstValue("www-authenticate").orElse(""));
    }

    private static void deploy(String name, String wat, String... triggers) {
        api.deployed(name, wat, "{\"triggers\": [" + String.join(", ", triggers) + "]}");
        put(name, "STANDARD", "whsec_" + Base64.getEncoder().encodeToString(STANDARD_KEY));
        put(name, "GITHUB", "It's a Secret to Everybody");
    }

    private static void put(String name, String key, String value) {
        put(api, name, key, value);
    }

    private static void put(Api gateway, String name, String key, String value) {
        var response = gateway.send(gateway.as(Role.SERVICE, "/functions/v1/" + name + "/secrets/" + key).PUT(BodyPublishers.ofString(value)));
        assertEquals(204, response.statusCode(), () -> text(response));
    }

    private static HttpResponse<byte[]> standard(String name, String message, String body) {
        return standard(name, message, Instant.now(), STANDARD_KEY, body);
    }

    private static HttpResponse<byte[]> standard(String name, String message, Instant at, byte[] key, String body) {
        var signature = hmac(key, (message + "." + at.getEpochSecond() + "." + body).getBytes(StandardCharsets.UTF_8));
        return api.send(api.request("/functions/v1/webhooks/" + name)
                .header("webhook-id", message)
                .header("webhook-timestamp", String.valueOf(at.getEpochSecond()))
                .header("webhook-signature", "v1," + Base64.getEncoder().encodeToString(signature))
                .POST(BodyPublishers.ofString(body)));
    }

    private static HttpResponse<byte[]> github(String name, byte[] body, String... headers) {
        return github(api, name, body, headers);
    }

    private static HttpResponse<byte[]> github(Api gateway, String name, byte[] body, String... headers) {
        var signature = hmac("It's a Secret to Everybody".getBytes(StandardCharsets.UTF_8), body);
        var request = gateway.request("/functions/v1/webhooks/" + name)
                .header("X-Hub-Signature-256", "sha256=" + HexFormat.of().formatHex(signature))
                .POST(BodyPublishers.ofByteArray(body));
        return gateway.send(headers.length == 0 ? request : request.headers(headers));
    }

    private static byte[] hmac(byte[] key, byte[] content) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(content);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** How an accepted message ended. */
    private static JsonNode ended(HttpResponse<byte[]> accepted) {
        var location = accepted.headers().firstValue("location").orElseThrow(() -> new AssertionError(text(accepted)));
        return Awaitility.await().atMost(Duration.ofSeconds(60)).until(
                () -> json(api.get(location + "?wait=5s")), shown -> !shown.path("result").isNull() && shown.hasNonNull("finished_at"));
    }

    /** Returns once the lane's partitions, all of which get some of these, have come to what is sent now. */
    private static void awaitCaughtUp() {
        api.deployed("marker", Functions.ECHO, "{}");
        IntStream.range(0, 8).mapToObj(_ -> api.send(api.as(Role.SERVICE, "/functions/v1/invoke/marker").header("Prefer", "respond-async")
                .POST(BodyPublishers.ofString("x")))).toList().forEach(WebhookIT::ended);
    }
}
