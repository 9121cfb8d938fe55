package io.aerodb.functions.system;

import static io.aerodb.functions.system.Api.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.quicktheories.QuickTheory.qt;

import io.aerodb.functions.identity.Role;
import io.aerodb.functions.system.fuzz.Contract;
import io.aerodb.functions.system.fuzz.DeployRequests;
import io.aerodb.functions.system.fuzz.InvokeRequests;
import io.aerodb.functions.system.fuzz.RawAnswer;
import io.aerodb.functions.system.fuzz.RawClient;
import io.aerodb.functions.system.fuzz.RawRequest;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.quicktheories.core.Gen;

/**
 * Random deployments and calls: whatever is sent, the answer keeps to the {@link Contract}, and afterwards nothing is broken or left
 * over. In every build the same ones are sent; {@code deploy/system-tests/fuzz} sends more, and others each time.
 */
class FuzzIT {

    private static final int REQUESTS = Integer.getInteger("aerofn.fuzz.requests", 2000);
    private static final long SEED = Long.getLong("aerofn.fuzz.seed", 20261121);
    /** The rest are calls. */
    private static final int DEPLOYMENTS = REQUESTS * 3 / 10;
    /** Of attempts to find a simpler request that breaks the rule as well. */
    private static final int SHRINKING = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern NAME = Pattern.compile("\"name\":\"([a-z][a-z0-9_-]*)\"");

    private static TestPlatform platform;
    private static Api api;
    private static RawClient client;
    private static Contract contract;
    private static final Map<String, Integer> SEEN = new TreeMap<>();

    @BeforeAll
    static void start() throws Exception {
        System.out.println("fuzz: " + REQUESTS + " requests, seed " + SEED + "; repeat with deploy/system-tests/fuzz " + REQUESTS + " " + SEED);
        contract = new Contract();
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        api = platform.startGateway(Map.of());
        platform.startWorker(Map.of());
        client = new RawClient(api.url());
        var once = "{\"timeout_ms\": 2000, \"retry\": {\"max_attempts\": 1}}";
        api.deployed("echo", Functions.ECHO, once);
        api.deployed("context", Functions.CONTEXT, once);
        api.deployed("failing", Functions.answering("no stock", 3), once);
        api.deployed("crash", Functions.CRASH, once);
        api.deployed("hog", Functions.HOG, "{\"timeout_ms\": 2000, \"memory_mb\": 2, \"retry\": {\"max_attempts\": 1}}");
    }

    @AfterAll
    static void stop() {
        System.out.println("fuzz: answers " + SEEN);
        platform.close();
    }

    @Test
    void answersEveryDeploymentAsDocumented() {
        each(DeployRequests.any(), DEPLOYMENTS, request -> {
            var answer = client.send(request);
            count(contract.check(request, answer));
            if (answer.status() < 300) {
                callWhatWasDeployed(answer);
            }
        });
        assertThatAllIsWell();
    }

    @Test
    void answersEveryCallAsDocumented() {
        each(InvokeRequests.any(), REQUESTS - DEPLOYMENTS, request -> {
            var answer = client.send(request);
            count(contract.check(request, answer));
        });
        assertThatAllIsWell();
    }

    private static void each(Gen<RawRequest> requests, int number, Consumer<RawRequest> check) {
        qt().withFixedSeed(SEED).withExamples(number).withUnlimitedTestingTime().withShrinkCycles(SHRINKING).forAll(requests).checkAssert(check);
    }

    private static void callWhatWasDeployed(RawAnswer deployed) {
        var name = NAME.matcher(new String(deployed.body()));
        assertTrue(name.find(), deployed::toString);
        var call = new RawRequest("POST", "/functions/v1/" + name.group(1), List.of("Authorization: Bearer " + Api.token(Role.ANON)), new byte[] {'1'});
        count(contract.check(call, client.send(call)));
    }

    private static void count(String answer) {
        SEEN.merge(answer, 1, Integer::sum);
    }

    /** A user's deployment and call work, the gateway is ready, and of what was sent nothing is in flight or waits to be tried. */
    private static void assertThatAllIsWell() {
        api.deployed("afterwards", Functions.ECHO, "{}");
        var echoed = api.invoke("afterwards", "still there");
        assertEquals("still there", new String(echoed.body()), () -> text(echoed));
        var ready = api.send(api.request("/health/ready"));
        assertEquals(200, ready.statusCode(), () -> text(ready));
        for (var gauge : List.of("gateway_invocations_in_flight", "gateway_payloads_in_flight_bytes")) {
            Awaitility.await(gauge).atMost(PATIENCE).until(() -> gauge(gauge) == 0);
        }
        Awaitility.await("every invocation has ended").atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() -> platform.query(
                "select id from aerodb.function_invocations where status in ('accepted', 'scheduled')").isEmpty());
    }

    private static double gauge(String name) {
        var metrics = new String(api.send(api.request("/metrics")).body());
        var value = Pattern.compile("(?m)^" + name + "(?:\\{.*})? (.*)$").matcher(metrics);
        assertTrue(value.find(), () -> "no metric " + name + " in " + metrics);
        return Double.parseDouble(value.group(1));
    }
}
