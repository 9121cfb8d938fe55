package io.aerodb.functions.triggerbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Committed changes that anybody can follow. */
class BridgeRealtimeIT {

    private static final String TOPIC = "functions.changes.public.Order-20Items";

    private static TestKafka kafka;
    private static Source source;
    private static TriggerBridge bridge;

    @BeforeAll
    static void start() throws Exception {
        kafka = TestKafka.own();
        source = new Source(kafka, TestPostgres.shared());
        source.execute("CREATE TABLE \"Order Items\" (id int PRIMARY KEY, n int)", "CREATE TABLE keyless (word text)", "CREATE TABLE bulky (id int PRIMARY KEY, body text)", "CREATE TABLE private (id int PRIMARY KEY)");
        bridge = source.startBridge("AEROFN_BRIDGE_REALTIME_TABLES", "Order Items, keyless, bulky, later", "AEROFN_BRIDGE_REALTIME_PARTITIONS", "3",
                "AEROFN_BRIDGE_REALTIME_RETENTION", "2h");
        awaitPublished("Order Items");
    }

    @AfterAll
    static void stop() {
        bridge.close();
        source.close();
        kafka.close();
    }

    @Test
    void publishesTheCommittedChangesOfATable() throws Exception {
        source.execute("BEGIN; SET LOCAL request.jwt.claims = '{\"role\": \"authenticated\", \"sub\": \"alice\"}'; INSERT INTO \"Order Items\" VALUES (1, 0), (2, 0); COMMIT",
                "BEGIN; INSERT INTO \"Order Items\" VALUES (3, 0); ROLLBACK", "INSERT INTO private VALUES (1)",
                "UPDATE \"Order Items\" SET n = 1 WHERE id = 1", "DELETE FROM \"Order Items\" WHERE id = 1");
        var records = read(TOPIC, 4);
        var ofTheFirst = records.stream().filter(record -> text(record.key()).equals("[1]")).toList();
        assertEquals(List.of("INSERT", "UPDATE", "DELETE"), ofTheFirst.stream().map(record -> op(record)).toList());
        assertEquals(1, ofTheFirst.stream().map(ConsumerRecord::partition).distinct().count());
        var updated = new JsonMapper().readTree(ofTheFirst.get(1).value());
        assertEquals("{\"id\":1,\"n\":1}", updated.path("row").toString());
        assertEquals("{\"id\":1,\"n\":0}", updated.path("old_row").toString(), "as the bridge has set the replica identity");
        assertEquals("Order Items", updated.path("table").asText());
        assertEquals("io.aerodb.functions.change", header(ofTheFirst.getFirst(), "ce_type"));
        assertEquals("public.Order Items", header(ofTheFirst.getFirst(), "ce_subject"));
        assertTrue(header(ofTheFirst.getFirst(), "ce_id").startsWith(new JsonMapper().readTree(ofTheFirst.getFirst().value()).path("lsn").asText() + "-"));
        assertEquals(4, records.stream().map(record -> header(record, "ce_id")).distinct().count());
        assertTrue(records.stream().noneMatch(record -> text(record.value()).contains("alice") || record.headers().toString().contains("alice")));
        assertEquals(4, records.size(), "nothing of what was rolled back");
    }

    @Test
    void keepsRowsWithoutAKeyInOrder() {
        source.execute("INSERT INTO keyless SELECT i::text FROM generate_series(1, 50) i");
        var records = read("functions.changes.public.keyless", 50);
        assertEquals(Set.of("[]"), Set.copyOf(records.stream().map(record -> text(record.key())).toList()));
        assertTrue(text(records.get(49).value()).contains("\"word\":\"50\""));
    }

    @Test
    void tellsSubscribersThatAChangeIsTooLarge() {
        source.execute("INSERT INTO bulky VALUES (7, repeat('x', 5000000))");
        var record = read("functions.changes.public.bulky", 1).getFirst();
        assertEquals("true", header(record, "aerofn_incomplete"));
        assertTrue(text(record.value()).contains("\"row\":{\"id\":7}"), text(record.value()));
    }

    @Test
    void makesTopicsAsItIsTold() throws Exception {
        try (var admin = new Kafka(kafka.bootstrap(), "test").admin()) {
            assertEquals(3, admin.describeTopics(List.of(TOPIC)).allTopicNames().get().get(TOPIC).partitions().size());
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
            assertEquals("7200000", admin.describeConfigs(List.of(resource)).all().get().get(resource).get(TopicConfig.RETENTION_MS_CONFIG).value());
            assertFalse(admin.listTopics().names().get().contains("functions.changes.public.private"));
        }
    }

    private static void awaitPublished(String table) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> source.value("SELECT count(*) FROM pg_publication_tables WHERE pubname = 'aerodb_bridge' AND tablename = '" + table + "'").equals("1"));
    }

    private static List<ConsumerRecord<byte[], byte[]>> read(String topic, int count) {
        try (Consumer<byte[], byte[]> consumer = new Kafka(kafka.bootstrap(), "test").groupConsumer("reader-" + System.nanoTime(), 1000, Duration.ZERO)) {
            consumer.subscribe(List.of(topic));
            var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
            Awaitility.await().atMost(Duration.ofSeconds(60)).pollInSameThread().until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                return records.size() >= count;
            });
            return records;
        }
    }

    private static String op(ConsumerRecord<byte[], byte[]> record) {
        return text(record.value()).replaceAll(".*\"op\":\"([A-Z]+)\".*", "$1");
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return text(Objects.requireNonNull(record.headers().lastHeader(name)).value());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
