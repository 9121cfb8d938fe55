package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.TopicProvisioning;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every service with a name of its own, over TLS, and with the rights that docs/operations.md gives it and no others. */
class SecuredKafkaIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<String> SERVICES = List.of("gateway", "worker", "scheduler", "bridge");
    private static final Pattern RIGHT = Pattern.compile("^\\| `([a-z]+)` \\| (topic|group) \\| `([a-z.-]+)`( and what begins so)? \\| ([A-Za-z, ]+) \\|$", Pattern.MULTILINE);

    @TempDir
    private static Path directory;

    private static SecuredBroker broker;
    private static TestPlatform platform;
    private static Api api;

    @BeforeAll
    static void start() throws Exception {
        broker = SecuredBroker.start(directory, SERVICES);
        platform = TestPlatform.on(TestKafka.shared(), TestPostgres.shared());
        var operator = new HashMap<>(platform.sharedSettings());
        operator.put("AEROFN_KAFKA_BOOTSTRAP", broker.operatorBootstrap());
        var kafka = new Kafka(broker.operatorBootstrap(), "operator");
        TopicProvisioning.ensure(kafka, Topics.read(Settings.of("operator", operator)));
        try (var admin = kafka.admin()) {
            admin.createAcls(rights()).all().get();
        }
        api = platform.startGateway(broker.settingsOf("gateway"));
        var worker = new HashMap<>(platform.hardenDatabase());
        worker.putAll(broker.settingsOf("worker"));
        platform.startWorker(worker);
        platform.startScheduler(broker.settingsOf("scheduler"));
        platform.startBridge(broker.settingsOf("bridge"));
    }

    @AfterAll
    static void stop() {
        if (platform != null) {
            platform.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    @Test
    void runsCallsNowAndLater() throws Exception {
        api.deployed("echo", Functions.ECHO, "{}");
        assertEquals(200, api.invoke("echo", "now").statusCode());
        var later = accepted(api.as(Role.SERVICE, "/functions/v1/invoke/echo").header("Prefer", "respond-async").header("Delay", "1")
                .POST(BodyPublishers.ofString("later")));
        awaitEnds("echo", "succeeded", 2);
        var result = api.get("/functions/v1/invocations/" + Api.id(later) + "/result");
        assertEquals(200, result.statusCode(), Api.text(result));
    }

    @Test
    void runsWhatARowAsksFor() throws Exception {
        platform.execute("CREATE TABLE secured (id int PRIMARY KEY)");
        api.deployed("on-row", Functions.ECHO, "{\"triggers\": [{\"type\": \"database\", \"table\": \"public.secured\", \"operations\": [\"insert\"]}]}");
        platform.execute("INSERT INTO secured VALUES (1)");
        awaitEnds("on-row", "succeeded", 1);
    }

    @Test
    void replaysWhatBecameADeadLetter() throws Exception {
        api.deployed("broken", Functions.CRASH, "{\"retry\": {\"max_attempts\": 1}}");
        var failed = accepted(api.as(Role.SERVICE, "/functions/v1/invoke/broken").header("Prefer", "respond-async").POST(BodyPublishers.ofString("x")));
        awaitEnds("broken", "dead_lettered", 1);
        Awaitility.await().atMost(PATIENCE).until(() -> !platform.query("SELECT 1 FROM aerodb.dead_letters").isEmpty());
        accepted(api.as(Role.SERVICE, "/functions/v1/invocations/" + Api.id(failed) + "/replay").POST(BodyPublishers.noBody()));
        awaitEnds("broken", "replayed", 1);
        awaitEnds("broken", "dead_lettered", 1);
        accepted(api.as(Role.SERVICE, "/functions/v1/replays").header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"function\": \"broken\"}")));
        awaitEnds("broken", "replayed", 2);
    }

    /** Who breaks out of a sandbox has a worker's rights, and must not be able to ask for what a worker only does. */
    @Test
    void refusesAWorkerToAskForInvocations() {
        var worker = Kafka.read(Settings.of("worker", broker.settingsOf("worker")), "test");
        try (var producer = worker.producer(Duration.ofSeconds(10), Duration.ofSeconds(10), 1 << 20)) {
            for (var topic : List.of(Topics.INVOKE, Topics.EVENTS, Topics.DELAYED)) {
                var refusal = assertThrows(ExecutionException.class, () -> producer.send(new ProducerRecord<>(topic, new byte[1])).get());
                assertInstanceOf(AuthorizationException.class, refusal.getCause());
            }
        }
    }

    @Test
    void letsNobodyInWithAWrongPassword() {
        var settings = new HashMap<>(broker.settingsOf("worker"));
        settings.put("AEROFN_KAFKA_SASL_PASSWORD", "wrong");
        try (var admin = Kafka.read(Settings.of("worker", settings), "test").admin()) {
            var refusal = assertThrows(ExecutionException.class, () -> admin.listTopics().names().get());
            assertTrue(refusal.getMessage().contains("Authentication failed"), refusal::getMessage);
        }
    }

    /** Asks again for as long as the answer is 503: on a machine that is busy the first connections to the broker take their time. */
    private static HttpResponse<byte[]> accepted(HttpRequest.Builder request) {
        return Awaitility.await().atMost(PATIENCE).until(() -> api.send(request), answer -> {
            assertTrue(answer.statusCode() == 202 || answer.statusCode() == 503, () -> Api.text(answer));
            return answer.statusCode() == 202;
        });
    }

    private static void awaitEnds(String function, String status, int count) {
        Awaitility.await().atMost(PATIENCE).until(() -> platform.query("SELECT 1 FROM aerodb.function_invocations WHERE function = '%s' AND status = '%s'"
                .formatted(function, status)).size() >= count);
    }

    /** The table of docs/operations.md. */
    private static List<AclBinding> rights() throws Exception {
        var rights = new ArrayList<AclBinding>();
        RIGHT.matcher(Files.readString(Repository.root().resolve("docs/operations.md"))).results().forEach(row -> {
            var pattern = new ResourcePattern(row.group(2).equals("topic") ? ResourceType.TOPIC : ResourceType.GROUP, row.group(3),
                    row.group(4) == null ? PatternType.LITERAL : PatternType.PREFIXED);
            Arrays.stream(row.group(5).split(", ")).map(operation -> AclOperation.fromString(operation.toUpperCase(Locale.ROOT)))
                    .forEach(operation -> rights.add(new AclBinding(pattern,
                            new AccessControlEntry("User:" + row.group(1), "*", operation, AclPermissionType.ALLOW))));
        });
        assertTrue(rights.size() > SERVICES.size(), "docs/operations.md has no table of rights");
        return rights;
    }
}
