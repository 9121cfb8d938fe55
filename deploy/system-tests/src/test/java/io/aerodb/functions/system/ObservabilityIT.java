package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.system.MetricsTable.Row;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every metric that {@code docs/observability.md} describes is there and no other, and the alerts and the dashboard ask for nothing else. */
class ObservabilityIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** What Prometheus adds by itself. */
    private static final Set<String> TARGET_LABELS = Set.of("instance", "job", "service");
    private static final Set<String> OF_PROMETHEUS = Set.of("up");

    private static final MetricsTable TABLE = MetricsTable.read();

    private static TestPlatform platform;
    private static Api gateway;
    private static Map<String, Api> services;

    @BeforeAll
    static void awaitEveryMetricThatIsDescribed() throws Exception {
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        var guests = platform.hardenDatabase();
        gateway = platform.startGateway(Map.of());
        services = Map.of(
                "gateway", gateway,
                "worker", operationsOf(platform.startWorker(guests).port()),
                "scheduler", operationsOf(platform.startScheduler(Map.of()).port()),
                "bridge", operationsOf(platform.startBridge(Map.of("AEROFN_BRIDGE_ROW_RATE", "1")).port()));
        deploy();
        call();
        platform.execute("INSERT INTO counters VALUES (1, 0); UPDATE counters SET n = 1; UPDATE counters SET n = 2");
        System.gc();
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> assertEquals(List.of(), missing()));
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    private static void deploy() throws Exception {
        platform.execute("CREATE TABLE counters (id int PRIMARY KEY, n int)");
        gateway.deployed("succeeding", Functions.ECHO, """
                {"rate_limit": {"per_second": 1, "burst": 1}, "circuit_breaker": {},
                 "triggers": [{"type": "webhook", "scheme": "github", "secret": "GITHUB"}]}""");
        gateway.deployed("failing", Functions.CRASH, "{\"retry\": {\"max_attempts\": 2, \"min_delay_ms\": 100, \"on\": [\"function_error\"]}}");
        gateway.deployed("endless", Functions.LOOP, "{\"timeout_ms\": 200}");
        gateway.deployed("greedy", Functions.HOG, "{\"memory_mb\": 2}");
        gateway.deployed("asking", Functions.QUERY, "{}");
        gateway.deployed("ticking", Functions.ECHO, "{\"triggers\": [{\"type\": \"schedule\", \"cron\": \"* * * * * *\"}]}");
        gateway.deployed("counting", Functions.ECHO, "{\"triggers\": [{\"type\": \"database\", \"table\": \"public.counters\", \"operations\": [\"update\"]}]}");
        var secret = gateway.as(Role.SERVICE, "/functions/v1/succeeding/secrets/GITHUB").PUT(BodyPublishers.ofString("It's a Secret to Everybody"));
        assertEquals(204, gateway.send(secret).statusCode());
    }

    private static void call() {
        assertEquals(200, gateway.invoke("succeeding", "x").statusCode());
        assertTrue(IntStream.range(0, 200).anyMatch(_ -> gateway.invoke("succeeding", "x").statusCode() == 429));
        assertEquals(401, gateway.send(gateway.request("/functions/v1/webhooks/succeeding").POST(BodyPublishers.ofString("x"))).statusCode());
        assertEquals(500, gateway.invoke("failing", "").statusCode());
        assertEquals(504, gateway.invoke("endless", "").statusCode());
        assertEquals(507, gateway.invoke("greedy", "").statusCode());
        assertEquals(200, gateway.invoke("asking", "SELECT 1").statusCode());
        var async = gateway.as(Role.SERVICE, "/functions/v1/invoke/failing").header("Prefer", "respond-async").POST(BodyPublishers.noBody());
        assertEquals(202, gateway.send(async).statusCode());
    }

    @Test
    void everyMetricThatIsThereIsDescribed() {
        var described = new TreeMap<String, Row>();
        TABLE.rows().forEach(row -> described.put(row.name(), row));
        var wrong = new TreeSet<String>();
        scrapes().forEach((service, scrape) -> scrape.types().forEach((name, type) -> {
            var row = described.get(name);
            var isMaximum = name.endsWith("_max") && described.containsKey(name.substring(0, name.length() - 4));
            if (row == null ? !isMaximum : !row.services().contains(service) || !row.type().equals(type) || !row.labels().equals(scrape.labelsOf(name))) {
                wrong.add("| `%s` | %s | %s | | %s | |".formatted(name, type, String.join(", ", scrape.labelsOf(name)), service));
            }
        }));
        assertEquals("", String.join("\n", wrong));
    }

    @Test
    void alertsAndTheDashboardAskForWhatIsThere() throws Exception {
        assumeTrue(NpmPackages.isNpmThere(), "npm is not installed, so nothing here can read PromQL");
        var expressions = Stream.concat(Alert.all().stream().map(Alert::expression), Dashboard.read().expressions().stream()).toList();
        var samples = scrapes().values().stream().flatMap(scrape -> scrape.samples().stream()).toList();
        var parsed = PromQl.parse(Stream.concat(expressions.stream(), Stream.of("sum by (name (up)")).toList());
        assertFalse(parsed.getLast().errors().isEmpty(), "it sees what is no PromQL");
        for (var i = 0; i < expressions.size(); i++) {
            var expression = expressions.get(i);
            var asked = parsed.get(i);
            assertEquals(List.of(), asked.errors(), expression);
            assertFalse(asked.selectors().isEmpty(), expression);
            var labels = new TreeSet<>(TARGET_LABELS);
            for (var selector : asked.selectors()) {
                var found = samples.stream().filter(sample -> sample.name().equals(selector.metric())).toList();
                assertTrue(!found.isEmpty() || OF_PROMETHEUS.contains(selector.metric()), () -> selector.metric() + " is not there: " + expression);
                found.forEach(sample -> labels.addAll(sample.labels().keySet()));
                for (var matcher : selector.matchers()) {
                    assertTrue(TARGET_LABELS.contains(matcher.label()) && !matcher.label().equals("service")
                            || found.stream().anyMatch(sample -> matcher.operator().equals("=")
                                    ? matcher.value().equals(sample.labels().get(matcher.label()))
                                    : sample.labels().containsKey(matcher.label())), () -> matcher + " is of nothing that is there: " + expression);
                }
            }
            assertTrue(labels.containsAll(asked.grouping()), () -> asked.grouping() + " are not all there: " + expression);
        }
    }

    @Test
    void theSeriesOfAFunctionEndWhenItIsDeleted() {
        gateway.deployed("passing", Functions.ECHO, "{\"concurrency\": 10, \"circuit_breaker\": {}}");
        assertEquals(200, gateway.invoke("passing", "x").statusCode());
        Awaitility.await().atMost(PATIENCE).until(() -> !seriesOf("passing").isEmpty());
        gateway.delete("/functions/v1/passing");
        Awaitility.await().atMost(PATIENCE).until(() -> seriesOf("passing").isEmpty());
    }

    private static List<Scrape.Sample> seriesOf(String function) {
        return scrapes().values().stream().flatMap(scrape -> scrape.samples().stream())
                .filter(sample -> function.equals(sample.labels().get("name"))).toList();
    }

    /** Described, and not there: on each of its services, or for what is there later on none. */
    private static List<String> missing() {
        var scrapes = scrapes();
        var missing = new ArrayList<String>();
        for (var row : TABLE.rows()) {
            var there = row.services().stream().filter(service -> scrapes.get(service).types().containsKey(row.name())).toList();
            var isThere = switch (row.mark()) {
                case "" -> there.size() == row.services().size();
                case "†" -> !there.isEmpty();
                default -> true;
            };
            if (!isThere) {
                missing.add(row.name());
            }
        }
        return missing;
    }

    private static Map<String, Scrape> scrapes() {
        var scrapes = new TreeMap<String, Scrape>();
        services.forEach((name, service) -> {
            var response = service.send(service.request("/metrics"));
            assertEquals(200, response.statusCode(), () -> Api.text(response));
            scrapes.put(name, Scrape.of(new String(response.body(), StandardCharsets.UTF_8)));
        });
        return scrapes;
    }

    private static Api operationsOf(int port) {
        return new Api(URI.create("http://127.0.0.1:" + port));
    }
}
