package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.json;
import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.system.Collector.Told;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Traces as a collector gets them, from the caller through every service to what functions call. */
class TraceIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CALLER = "b7ad6b7169203331";
    private static final String SECRET = "s3cret";

    private static final List<String> CALLED_WITH = new CopyOnWriteArrayList<>();
    private static Collector collector;
    private static HttpServer remote;
    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        collector = new Collector();
        remote = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        remote.createContext("/", exchange -> {
            CALLED_WITH.add(exchange.getRequestHeaders().getFirst("traceparent") + " " + exchange.getRequestHeaders().getFirst("tracestate"));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        remote.start();
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        var tracing = Map.of("AEROFN_TRACING_ENDPOINT", collector.url());
        var worker = new HashMap<>(platform.hardenDatabase());
        worker.putAll(tracing);
        worker.put("AEROFN_WORKER_FETCH_PRIVATE_NETWORKS", "127.0.0.0/8");
        api = platform.startGateway(tracing);
        platform.startWorker(worker);
        platform.startScheduler(tracing);
        platform.startBridge(tracing);
    }

    @AfterAll
    static void stop() {
        platform.close();
        remote.stop(0);
        collector.close();
    }

    @Test
    void followsACallOverATriggerIntoWhatItSetsOff() throws Exception {
        var trace = "0af7651916cd43dd8448eb211c80319c";
        var host = "127.0.0.1:" + remote.getAddress().getPort();
        platform.execute("CREATE TABLE parcels (id int PRIMARY KEY, note text); GRANT SELECT, INSERT ON parcels TO authenticated");
        api.deployed("notify", Functions.fetching("{\"url\":\"http://" + host + "/hook?key=" + SECRET + "\"}"),
                "{\"allowed_hosts\": [\"" + host + "\"], \"triggers\": [{\"type\": \"database\", \"table\": \"public.parcels\", \"operations\": [\"insert\"]}]}");
        api.deployed("send", Functions.querying("INSERT INTO parcels VALUES (1, '" + SECRET + "')"), "{}");

        called(api.as(Role.AUTHENTICATED, "/functions/v1/invoke/send/sub?key=" + SECRET)
                .header("traceparent", "00-" + trace + "-" + CALLER + "-01").header("tracestate", "vendor=1").header("x-key", SECRET)
                .POST(BodyPublishers.ofString(SECRET)), 200);
        var fetch = Awaitility.await().atMost(PATIENCE).until(() -> collector.find(trace, "aerofn-worker", "GET"), found -> found.isPresent()).orElseThrow();
        Awaitility.await().atMost(PATIENCE).until(() -> !pathTo(fetch).isEmpty() && pathTo(fetch).getFirst().parent().equals(CALLER));

        assertEquals(List.of(
                "aerofn-gateway: POST /functions/v1/invoke/:name",
                "aerofn-gateway: create functions.invoke",
                "aerofn-worker: process functions.invoke",
                "aerofn-worker: send",
                "aerofn-worker: INSERT",
                "aerofn-trigger-bridge: create functions.events",
                "aerofn-worker: process functions.events",
                "aerofn-worker: notify",
                "aerofn-worker: GET"), pathTo(fetch).stream().map(Told::toString).toList());
        assertEquals(List.of("00-" + trace + "-" + fetch.id() + "-01 vendor=1"), CALLED_WITH);
        assertEquals("{http.request.method=GET, http.response.status_code=204, server.address=127.0.0.1, server.port="
                + remote.getAddress().getPort() + ", url.scheme=http}", new TreeMap<>(fetch.attributes()).toString());
        assertTrue(collector.find(trace, "aerofn-worker", "queue functions.invoke").isPresent());
        var run = pathTo(fetch).get(3).attributes();
        assertEquals("send http succeeded 1", run.get("faas.name") + " " + run.get("faas.trigger") + " " + run.get("aerofn.status") + " " + run.get("aerofn.attempt"));
        var process = collector.find(trace, "aerofn-worker", "process functions.events").orElseThrow().attributes();
        assertEquals("kafka functions.events process", process.get("messaging.system") + " " + process.get("messaging.destination.name") + " "
                + process.get("messaging.operation.type"));
        for (var told : collector.spans()) {
            assertFalse(told.span().toString().contains(SECRET), told.span()::toString);
        }
        collector.of(trace).forEach(told -> assertEquals("vendor=1", told.span().getTraceState(), told::toString));
    }

    @Test
    void tellsTheDatabaseWhichTraceAStatementBelongsToIfItIsKept() {
        api.deployed("ask", Functions.QUERY, "{}");
        var trace = "1af7651916cd43dd8448eb211c80319c";
        var kept = statement("00-" + trace + "-" + CALLER + "-01");
        assertTrue(kept.matches("SELECT current_query\\(\\) AS q /\\*traceparent='00-" + trace + "-[0-9a-f]{16}-01'\\*/"), kept);
        assertEquals("SELECT current_query() AS q", statement("00-2af7651916cd43dd8448eb211c80319c-" + CALLER + "-00"));
        Awaitility.await().atMost(PATIENCE).until(() -> collector.find(trace, "aerofn-worker", "SELECT").isPresent());
        assertEquals(List.of(), collector.of("2af7651916cd43dd8448eb211c80319c"));
    }

    @Test
    void linksARetryToTheTraceOfTheCall() {
        var trace = "3af7651916cd43dd8448eb211c80319c";
        api.deployed("fails", Functions.CRASH, "{\"retry\": {\"max_attempts\": 2, \"min_delay_ms\": 100, \"max_delay_ms\": 200, \"on\": [\"function_error\"]}}");
        var response = called(api.as(Role.AUTHENTICATED, "/functions/v1/invoke/fails").header("Prefer", "respond-async")
                .header("traceparent", "00-" + trace + "-" + CALLER + "-01").POST(BodyPublishers.noBody()), 202);
        var again = Awaitility.await().atMost(PATIENCE).until(() -> collector.spans().stream()
                .filter(told -> told.service().equals("aerofn-scheduler") && Api.id(response).equals(told.attributes().get("faas.invocation_id"))).findFirst(),
                found -> found.isPresent()).orElseThrow();
        assertEquals("create functions.events", again.span().getName());
        assertEquals(trace, HexFormat.of().formatHex(again.span().getLinks(0).getTraceId().toByteArray()));
        var failed = Awaitility.await().atMost(PATIENCE).until(() -> collector.find(again.trace(), "aerofn-worker", "fails"), found -> found.isPresent()).orElseThrow();
        assertEquals("2 function_error", failed.attributes().get("aerofn.attempt") + " " + failed.attributes().get("error.type"));
    }

    @Test
    void namesTheInvocationThatACallStartsAndNoneForARepeat() {
        api.deployed("keyed", Functions.ECHO, "{}");
        var first = called(keyed("4af7651916cd43dd8448eb211c80319c"), 200);
        var repeat = Awaitility.await().atMost(PATIENCE).until(() -> api.send(keyed("5af7651916cd43dd8448eb211c80319c")), answer -> answer.statusCode() == 200);
        assertEquals(Api.id(first), Api.id(repeat));
        assertEquals(Api.id(first), call("4af7651916cd43dd8448eb211c80319c").attributes().get("faas.invocation_id"));
        assertFalse(call("5af7651916cd43dd8448eb211c80319c").attributes().containsKey("faas.invocation_id"));
    }

    private static HttpRequest.Builder keyed(String trace) {
        return api.as(Role.AUTHENTICATED, "/functions/v1/invoke/keyed").header("Idempotency-Key", "order-1")
                .header("traceparent", "00-" + trace + "-" + CALLER + "-01").POST(BodyPublishers.ofString("x"));
    }

    private static Told call(String trace) {
        return Awaitility.await().atMost(PATIENCE).until(() -> collector.find(trace, "aerofn-gateway", "POST /functions/v1/invoke/:name"),
                found -> found.isPresent()).orElseThrow();
    }

    /** A call that is refused because a busy machine's broker was slow is made again. */
    private static HttpResponse<byte[]> called(HttpRequest.Builder request, int status) {
        var response = Awaitility.await().atMost(PATIENCE).until(() -> api.send(request), answer -> answer.statusCode() != 503);
        assertEquals(status, response.statusCode(), () -> text(response));
        return response;
    }

    private static String statement(String traceparent) {
        var response = called(api.as(Role.AUTHENTICATED, "/functions/v1/invoke/ask").header("traceparent", traceparent)
                .POST(BodyPublishers.ofString("SELECT current_query() AS q")), 200);
        return json(response).path("rows").path(0).path("q").asText();
    }

    /** From the first span that was told of down to this one. */
    private static List<Told> pathTo(Told last) {
        var path = new ArrayList<Told>(List.of(last));
        while (true) {
            var parent = path.getFirst().parent();
            var found = collector.of(last.trace()).stream().filter(told -> told.id().equals(parent)).findFirst();
            if (found.isEmpty()) {
                return path;
            }
            path.addFirst(found.get());
        }
    }
}
