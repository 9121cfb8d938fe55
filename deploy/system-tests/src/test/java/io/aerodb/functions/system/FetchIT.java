package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.assertProblem;
import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Functions that send requests to a server on this machine, whose network the worker has opened. */
class FetchIT {

    private static final String TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static final List<String> KEYS = new CopyOnWriteArrayList<>();
    private static TestPlatform platform;
    private static Api api;
    private static HttpServer server;
    private static String host;

    @BeforeAll
    static void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/echo", FetchIT::echo);
        server.createContext("/away", exchange -> redirect(exchange, "http://169.254.169.254/latest/meta-data/"));
        server.createContext("/slow", FetchIT::neverAnswer);
        server.start();
        host = "127.0.0.1:" + server.getAddress().getPort();
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of());
        platform.startWorker(Map.of("AEROFN_WORKER_FETCH_PRIVATE_NETWORKS", "127.0.0.0/8"));
        api.deployed("fetch", Functions.FETCH, "{\"allowed_hosts\": [\"" + host + "\", \"10.0.0.1\"], \"timeout_ms\": 30000}");
    }

    @AfterAll
    static void stop() {
        platform.close();
        server.stop(0);
    }

    @BeforeEach
    void forget() {
        KEYS.clear();
    }

    @Test
    void sendsARequestAndReadsItsAnswer() {
        var answer = fetch("{\"method\":\"POST\",\"url\":\"http://" + host + "/echo?a=1\",\"body\":\"hello\"}");
        assertEquals(200, answer.path("status").asInt(), answer::toString);
        assertEquals("POST /echo?a=1 hello", answer.path("body").asText());
        assertEquals("text/plain", answer.path("headers").path("content-type").asText());
    }

    @Test
    void handsTheTraceOnAndGivesEveryRequestAKeyOfItsOwn() {
        var response = api.send(api.as(Role.AUTHENTICATED, "/functions/v1/invoke/fetch").header("traceparent", TRACEPARENT)
                .POST(BodyPublishers.ofString("{\"method\":\"POST\",\"url\":\"http://" + host + "/echo\"}")));
        assertEquals(TRACEPARENT.substring(0, 35), json(response).path("headers").path("x-traceparent").asText().substring(0, 35), () -> text(response));
        fetch("{\"method\":\"POST\",\"url\":\"http://" + host + "/echo\"}");
        assertEquals(2, KEYS.stream().distinct().count(), KEYS::toString);
    }

    @Test
    void refusesAHostThatTheFunctionMayNotCall() {
        var message = error("denied", fetch("{\"url\":\"https://api.example.com/\"}"));
        assertTrue(message.contains("api.example.com") && message.contains("allowed_hosts"), message);
    }

    @Test
    void refusesAPrivateAddressAlthoughTheFunctionNamesIt() {
        error("denied", fetch("{\"url\":\"http://10.0.0.1/\"}"));
    }

    @Test
    void refusesARedirectToTheMetadataOfACloud() {
        error("denied", fetch("{\"url\":\"http://" + host + "/away\"}"));
    }

    @Test
    void refusesARequestThatMakesNoSense() {
        error("invalid", fetch("{\"uri\":\"http://" + host + "/echo\"}"));
    }

    @Test
    void aHostThatDoesNotAnswerCostsNoMoreThanTheTimeout() {
        api.deployed("impatient", Functions.FETCH, "{\"allowed_hosts\": [\"" + host + "\"], \"timeout_ms\": 300}");
        assertProblem(504, "function_timeout", api.invoke("impatient", "{\"url\":\"http://" + host + "/slow\"}"));
        assertEquals(200, fetch("{\"url\":\"http://" + host + "/echo\"}").path("status").asInt());
    }

    @Test
    void refusesToDeployAHostThatIsNone() {
        var response = api.deploy("wrong", Functions.FETCH, "{\"allowed_hosts\": [\"https://api.example.com/\"]}");
        var detail = assertProblem(400, "invalid_request", response);
        assertTrue(detail.contains("config.allowed_hosts has the entry 'https://api.example.com/'"), detail);
    }

    private static JsonNode fetch(String request) {
        var response = api.invoke("fetch", request);
        assertEquals(200, response.statusCode(), () -> text(response));
        return json(response);
    }

    private static String error(String code, JsonNode answer) {
        assertEquals(code, answer.path("error").path("code").asText(), answer::toString);
        return answer.path("error").path("message").asText();
    }

    private static void echo(HttpExchange exchange) throws IOException {
        try (exchange) {
            var headers = exchange.getRequestHeaders();
            if (headers.containsKey("Idempotency-Key")) {
                KEYS.add(headers.getFirst("Idempotency-Key"));
            }
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            if (headers.containsKey("Traceparent")) {
                exchange.getResponseHeaders().set("X-Traceparent", headers.getFirst("Traceparent"));
            }
            var line = exchange.getRequestMethod() + " " + exchange.getRequestURI() + " ";
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(line.getBytes(StandardCharsets.UTF_8));
            exchange.getRequestBody().transferTo(exchange.getResponseBody());
        }
    }

    private static void redirect(HttpExchange exchange, String location) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Location", location);
            exchange.sendResponseHeaders(302, -1);
        }
    }

    private static void neverAnswer(HttpExchange exchange) {
        try (exchange) {
            TimeUnit.SECONDS.sleep(10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
