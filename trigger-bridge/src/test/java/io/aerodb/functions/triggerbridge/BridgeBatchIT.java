package io.aerodb.functions.triggerbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Changes that are told together. */
class BridgeBatchIT {

    private static TestKafka kafka;
    private static Source source;
    private static TriggerBridge bridge;
    private static Asked asked;
    private static Asked letters;

    @BeforeAll
    static void start() throws Exception {
        kafka = TestKafka.own();
        source = new Source(kafka, TestPostgres.shared());
        bridge = source.startBridge("AEROFN_BRIDGE_TABLE_RATE", "50");
        asked = new Asked(source, Topics.EVENTS);
        letters = new Asked(source, Topics.DEAD_LETTERS);
        Awaitility.await().until(bridge::isReady);
    }

    @AfterAll
    static void stop() {
        letters.close();
        asked.close();
        bridge.close();
        source.close();
        kafka.close();
    }

    @Test
    void tellsChangesOfSeveralTransactionsTogether() {
        source.execute("CREATE TABLE clicks (id int PRIMARY KEY)");
        source.deploy("clicks", "{'type': 'database', 'table': 'clicks', 'operations': ['insert', 'delete'], 'batch': {'size': 5, 'window_ms': 60000}}");
        source.execute("INSERT INTO clicks VALUES (1)", "INSERT INTO clicks VALUES (2), (3)", "BEGIN; INSERT INTO clicks VALUES (99); ROLLBACK", "DELETE FROM clicks WHERE id = 1",
                "INSERT INTO clicks SELECT generate_series(4, 9)");
        var batches = asked.await("clicks", 2);
        assertEquals(List.of("INSERT 1", "INSERT 2", "INSERT 3", "DELETE 1", "INSERT 4"), told(batches.get(0)), "as they were committed, once there are enough");
        assertEquals(List.of("INSERT 5", "INSERT 6", "INSERT 7", "INSERT 8", "INSERT 9"), told(batches.get(1)));
        assertEquals("public", batches.getFirst().payload().path("changes").get(0).path("schema").asText());
        assertEquals(batches.get(0).record().partition(), batches.get(1).record().partition());
        assertTrue(new String(Objects.requireNonNull(batches.getFirst().record().key()), StandardCharsets.UTF_8).endsWith("/public.clicks/batch-0"));
    }

    @Test
    void waitsNoLongerThanItsWindow() {
        source.execute("CREATE TABLE slow (id int PRIMARY KEY)");
        source.deploy("slow", "{'type': 'database', 'table': 'slow', 'operations': ['insert'], 'ordering': 'none', 'batch': {'size': 100, 'window_ms': 50}}");
        source.execute("INSERT INTO slow VALUES (1), (2)");
        assertEquals(List.of("INSERT 1", "INSERT 2"), told(asked.await("slow", 1).getFirst()));
        source.execute("INSERT INTO slow VALUES (3)");
        assertEquals(List.of("INSERT 3"), told(asked.await("slow", 2).get(1)), "a single one is told in a list, too");
    }

    @Test
    void tellsNobodysChangesWithThoseOfOthers() {
        source.execute("CREATE TABLE mixed (id int PRIMARY KEY, n int)");
        source.deploy("mixed", "{'type': 'database', 'table': 'mixed', 'operations': ['insert', 'update'], 'batch': {'size': 100, 'window_ms': 300}}");
        source.execute(as("alice", "INSERT INTO mixed VALUES (1, 0)"), as("bob", "INSERT INTO mixed VALUES (2, 0)"), as("alice", "INSERT INTO mixed VALUES (3, 0)"),
                as("bob", "UPDATE mixed SET n = 1 WHERE id = 1"), as("alice", "UPDATE mixed SET n = 2 WHERE id = 1"));
        Awaitility.await().until(() -> asked.await("mixed", 1).stream().mapToInt(each -> told(each).size()).sum() == 5
                || !asked.await("mixed", asked.of("mixed").size() + 1).isEmpty() && asked.of("mixed").stream().mapToInt(each -> told(each).size()).sum() == 5);
        for (var batch : asked.of("mixed")) {
            var caller = batch.request().identity().subject();
            var ofBob = told(batch).equals(List.of("INSERT 2", "UPDATE 1"));
            assertEquals(ofBob ? "bob" : "alice", caller, told(batch).toString());
        }
        var ofTheRow = asked.of("mixed").stream().filter(each -> told(each).stream().anyMatch(change -> change.endsWith(" 1"))).map(each -> each.request().identity().subject()).toList();
        assertEquals(List.of("alice", "bob", "alice"), ofTheRow, "what each did to the row stays in order");
    }

    @Test
    void letsTheLogGoOnlyWhenNothingWaitsAnyMore() {
        source.execute("CREATE TABLE held (id int PRIMARY KEY)");
        source.deploy("held", "{'type': 'database', 'table': 'held', 'operations': ['insert'], 'batch': {'size': 2, 'window_ms': 60000}}");
        source.execute("INSERT INTO held VALUES (1)");
        var committed = source.value("SELECT pg_current_wal_lsn()::text");
        source.execute("INSERT INTO held VALUES (2)");
        asked.await("held", 1);
        Awaitility.await().until(() -> source.value("SELECT confirmed_flush_lsn >= '" + committed + "'::pg_lsn FROM pg_replication_slots WHERE slot_name LIKE 'aerodb_bridge_%' AND database = current_database()").equals("t"));
        source.execute("INSERT INTO held VALUES (3)");
        var waiting = source.value("SELECT pg_current_wal_lsn()::text");
        Awaitility.await().during(Duration.ofSeconds(5)).atMost(Duration.ofSeconds(20))
                .until(() -> source.value("SELECT confirmed_flush_lsn < '" + waiting + "'::pg_lsn FROM pg_replication_slots WHERE slot_name LIKE 'aerodb_bridge_%' AND database = current_database()").equals("t"));
        source.execute("INSERT INTO held VALUES (4)");
        asked.await("held", 2);
    }

    /** Nearly always something waits, but each window that ends is a place to go on from. */
    @Test
    void letsTheLogGoWhileChangesComeWithoutAPause() throws Exception {
        source.execute("CREATE TABLE steady (id int PRIMARY KEY)");
        source.deploy("steady", "{'type': 'database', 'table': 'steady', 'operations': ['insert'], 'batch': {'size': 100, 'window_ms': 1000, 'groups': 32}}");
        var stop = new AtomicBoolean();
        var writing = Thread.ofVirtual().start(() -> {
            try (var connection = source.database().connect(); var insert = connection.prepareStatement("INSERT INTO steady VALUES (?)")) {
                for (var id = 0; !stop.get(); id++) {
                    insert.setInt(1, id);
                    insert.executeUpdate();
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        try {
            for (var round = 1; round <= 3; round++) {
                asked.await("steady", asked.of("steady").size() + 5);
                var written = source.value("SELECT pg_current_wal_lsn()::text");
                Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> source.value("SELECT confirmed_flush_lsn >= '" + written
                        + "'::pg_lsn FROM pg_replication_slots WHERE slot_name LIKE 'aerodb_bridge_%' AND database = current_database()").equals("t"));
            }
        } finally {
            stop.set(true);
            writing.join();
        }
    }

    @Test
    void putsAsideWhatIsTooLargeByItself() {
        source.execute("CREATE TABLE bulky (id int PRIMARY KEY, body text)");
        source.deploy("bulky", "{'type': 'database', 'table': 'bulky', 'operations': ['insert'], 'batch': {'size': 2, 'window_ms': 60000}}");
        source.execute("INSERT INTO bulky VALUES (1, 'x')", "INSERT INTO bulky VALUES (2, repeat('x', 5000000))", "INSERT INTO bulky VALUES (3, 'x')");
        assertEquals(List.of("INSERT 1", "INSERT 3"), told(asked.await("bulky", 1).getFirst()));
        assertEquals(List.of("INSERT 2"), told(letters.await("bulky", 1).getFirst()));
    }

    @Test
    void putsAsideWhatTooManyTransactionsAskFor() {
        source.execute("CREATE TABLE flooded (id int PRIMARY KEY)");
        source.deploy("flooded", "{'type': 'database', 'table': 'flooded', 'operations': ['insert']}");
        source.execute("INSERT INTO flooded SELECT generate_series(1, 500)");
        asked.await("flooded", 500);
        IntStream.range(1000, 1060).forEach(id -> source.execute("INSERT INTO flooded VALUES (" + id + ")"));
        assertFalse(letters.await("flooded", 1).isEmpty(), "each of these is another transaction");
        assertTrue(asked.of("flooded").size() + letters.of("flooded").size() <= 560);
    }

    private static String as(String user, String statement) {
        return "BEGIN; SET LOCAL request.jwt.claims = '{\"role\": \"authenticated\", \"sub\": \"" + user + "\"}'; " + statement + "; COMMIT";
    }

    private static List<String> told(Asked.Request request) {
        return StreamSupport.stream(request.payload().path("changes").spliterator(), false).map(BridgeBatchIT::told).toList();
    }

    private static String told(JsonNode change) {
        var row = change.path("row").isNull() ? change.path("old_row") : change.path("row");
        return change.path("op").asText() + " " + row.path("id").asInt();
    }
}
