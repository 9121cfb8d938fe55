package io.aerodb.functions.triggerbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.aerodb.functions.identity.Identity;
import io.aerodb.functions.invocation.TriggerType;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import io.aerodb.functions.trigger.TableName;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

class TriggerBridgeIT {

    private static final String ALL = "'operations': ['insert', 'update', 'delete']";

    private static TestKafka kafka;
    private static Source source;
    private static TriggerBridge bridge;
    private static Asked asked;

    @BeforeAll
    static void start() throws Exception {
        kafka = TestKafka.own();
        source = new Source(kafka, TestPostgres.shared());
        bridge = source.startBridge();
        asked = new Asked(source, Topics.EVENTS);
        Awaitility.await().until(bridge::isReady);
    }

    @AfterAll
    static void stop() {
        asked.close();
        bridge.close();
        source.close();
        kafka.close();
    }

    @Test
    void tellsOfAChangeOnceItIsCommittedAndNeverOfOneThatWasRolledBack() throws Exception {
        source.execute("CREATE TABLE orders (id int PRIMARY KEY, total numeric(10, 2), note text)");
        assertEquals(List.of(new TableName("public", "orders")), source.deploy("orders", "{'type': 'database', 'table': 'public.orders', " + ALL + "}"));
        try (var first = source.database().connect(); var second = source.database().connect()) {
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            first.createStatement().execute("INSERT INTO orders VALUES (1, 10.50, 'first')");
            second.createStatement().execute("INSERT INTO orders VALUES (2, 20, 'rolled back')");
            second.rollback();
            second.createStatement().execute("INSERT INTO orders VALUES (3, 30, NULL)");
            second.commit();
            assertEquals(3, asked.await("orders", 1).getFirst().payload().path("row").path("id").asInt(), "the first is not committed yet");
            first.commit();
        }
        source.execute("UPDATE orders SET total = 11 WHERE id = 1", "DELETE FROM orders WHERE id = 1");

        var requests = asked.await("orders", 4);
        var inserted = requests.get(1);
        assertEquals(TriggerType.DATABASE, inserted.request().trigger());
        assertEquals(Identity.ANONYMOUS, inserted.request().identity());
        var payload = inserted.payload();
        assertEquals("orders", payload.path("table").asText());
        assertEquals("public", payload.path("schema").asText());
        assertEquals("INSERT", payload.path("op").asText());
        assertEquals("{\"id\":1,\"total\":10.50,\"note\":\"first\"}", payload.path("row").toString().replace("10.5,", "10.50,"));
        assertTrue(payload.path("old_row").isNull());
        assertTrue(payload.path("txid").asLong() > 0);
        assertTrue(payload.path("lsn").asText().matches("[0-9A-F]+/[0-9A-F]+"), payload.toString());
        assertNotNull(payload.path("commit_time").textValue());

        var updated = requests.get(2).payload();
        assertEquals("UPDATE", updated.path("op").asText());
        assertEquals(10.5, updated.path("old_row").path("total").asDouble());
        assertEquals(11, updated.path("row").path("total").asDouble());
        var deleted = requests.get(3).payload();
        assertEquals("DELETE", deleted.path("op").asText());
        assertTrue(deleted.path("row").isNull());
        assertEquals("first", deleted.path("old_row").path("note").asText());
        assertEquals(inserted.record().partition(), requests.get(3).record().partition(), "changes of one row keep their order");
        assertEquals(4, requests.stream().map(each -> each.request().id()).distinct().count());
    }

    @Test
    void isNotHeldUpByRowsThatAreHardToTell() throws Exception {
        source.execute("CREATE TABLE hard (id int PRIMARY KEY, number numeric, place point, document jsonb)");
        source.deploy("hard", "{'type': 'database', 'table': 'hard', 'operations': ['insert'], 'ordering': 'none', 'when': 'new.id > 0'}");
        source.execute(
                "INSERT INTO hard (id, number) VALUES (1, 1e-10000)",
                "INSERT INTO hard (id, place) VALUES (2, '(NaN,Infinity)')",
                "INSERT INTO hard (id, document) VALUES (3, (repeat('[', 1500) || repeat(']', 1500))::jsonb)",
                "INSERT INTO hard (id, document) VALUES (4, repeat('7', 2000)::jsonb)",
                "INSERT INTO hard (id, document) VALUES (5, to_jsonb(repeat('x', 5000000)))",
                "INSERT INTO hard (id) VALUES (6)");
        var told = new HashMap<Integer, JsonNode>();
        asked.await("hard", 5).forEach(each -> told.put(each.payload().path("row").path("id").asInt(), each.payload().path("row")));
        assertEquals(Set.of(1, 2, 3, 4, 6), told.keySet(), "the one that is too large is put aside");
        assertEquals("(NaN,Infinity)", told.get(2).path("place").asText());
    }

    @Test
    void tellsOfEveryRowOfACopy() throws Exception {
        source.execute("CREATE TABLE copied (id int PRIMARY KEY)", "CREATE TABLE copied_without_key (word text)");
        source.deploy("copied", "{'type': 'database', 'table': 'copied', 'operations': ['insert'], 'ordering': 'none'}");
        source.deploy("copied-without-key", "{'type': 'database', 'table': 'copied_without_key', 'operations': ['insert']}");
        try (var connection = source.database().connect()) {
            var rows = new StringBuilder();
            IntStream.range(0, 5000).forEach(id -> rows.append(id).append('\n'));
            connection.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY copied FROM STDIN", new StringReader(rows.toString()));
            connection.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY copied_without_key FROM STDIN", new StringReader("same\n".repeat(700)));
        }
        var ids = new HashSet<Integer>();
        asked.await("copied", 5000).forEach(each -> ids.add(each.payload().path("row").path("id").asInt()));
        assertEquals(5000, ids.size());
        assertEquals(5000, asked.of("copied").stream().map(each -> each.request().id()).distinct().count());
        assertEquals(700, asked.await("copied-without-key", 700).stream().map(each -> each.request().id()).distinct().count());
        source.execute("UPDATE copied_without_key SET word = 'other'"); // which a table without identity would refuse
    }

    @Test
    void losesNothingOfTransactionsThatInterleave() throws Exception {
        source.execute("CREATE TABLE interleaved (id int PRIMARY KEY, by int)");
        source.deploy("interleaved", "{'type': 'database', 'table': 'interleaved', 'operations': ['insert']}");
        var threads = new ArrayList<Thread>();
        for (var writer = 0; writer < 4; writer++) {
            var number = writer;
            threads.add(Thread.ofVirtual().start(() -> IntStream.range(0, 50).forEach(i -> source.execute(
                    "BEGIN; INSERT INTO interleaved VALUES (%1$d, %2$d); INSERT INTO interleaved VALUES (%1$d + 1, %2$d); %3$s"
                            .formatted(number * 1000 + i * 2, number, i % 5 == 0 ? "ROLLBACK" : "COMMIT")))));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertEquals(4 * 40 * 2, asked.await("interleaved", 320).stream().map(each -> each.payload().path("row").path("id").asInt()).distinct().count());
    }

    @Test
    void tellsWhatIsUnchangedAndLargeFromNull() {
        source.execute("CREATE TABLE large (id int PRIMARY KEY, body text, blob bytea, numbers int[], other text, n int)", "ALTER TABLE large ALTER body SET STORAGE EXTERNAL, ALTER blob SET STORAGE EXTERNAL, ALTER numbers SET STORAGE EXTERNAL");
        source.deploy("large", "{'type': 'database', 'table': 'large', 'operations': ['update']}");
        source.execute("INSERT INTO large VALUES (1, repeat('x', 20000), decode(repeat('ab', 20000), 'hex'), array_fill(7, ARRAY[20000]), NULL, 0)",
                "UPDATE large SET n = 1");
        var whole = asked.await("large", 1).getFirst().payload();
        assertEquals(20000, whole.path("row").path("body").asText().length(), "the row before has it");
        assertEquals(40002, whole.path("row").path("blob").asText().length());
        assertEquals(20000, whole.path("row").path("numbers").size());
        assertTrue(whole.path("row").path("other").isNull());
        assertFalse(whole.has("unavailable"));

        source.execute("ALTER TABLE large REPLICA IDENTITY DEFAULT", "UPDATE large SET n = 2");
        var partial = asked.await("large", 2).get(1).payload();
        assertFalse(partial.path("row").has("body"));
        assertTrue(partial.path("row").path("other").isNull() && partial.path("row").has("other"));
        assertEquals("[\"blob\",\"body\",\"numbers\"]", partial.path("unavailable").toString());
    }

    @Test
    void tellsValuesAsQueriesDo() {
        source.execute("CREATE TYPE mood AS ENUM ('sad', 'happy')", """
                CREATE TABLE typed (id bigint PRIMARY KEY, n numeric, f float8, b boolean, t text, c char(3), d date, ts timestamp, tz timestamptz,
                  tm time, u uuid, j jsonb, a text[], na numeric[], m mood, raw bytea, i inet, nan numeric, p point)""");
        source.deploy("typed", "{'type': 'database', 'table': 'typed', 'operations': ['insert']}");
        source.execute("""
                INSERT INTO typed VALUES (9007199254740993, 12345678901234567890.123, 1.5, true, 'täxt', 'ab', '2026-01-31', '2026-01-31 10:00:00.5', '2026-01-31 10:00:00+02',
                  '10:00:00', '0198f0a0-0000-7000-8000-000000000001', '{"a": [1, null]}', '{x,NULL,"y z"}', '{1.10,2}', 'happy', '\\xdead', '10.0.0.1', 'NaN', '(1,2)')""");
        var row = asked.await("typed", 1).getFirst();
        var text = new String(row.request().payload(), java.nio.charset.StandardCharsets.UTF_8);
        for (var expected : List.of("\"id\":9007199254740993", "\"n\":12345678901234567890.123", "\"f\":1.5", "\"b\":true", "\"t\":\"täxt\"", "\"c\":\"ab \"",
                "\"d\":\"2026-01-31\"", "\"ts\":\"2026-01-31T10:00:00.5\"", "\"tz\":\"2026-01-31T08:00:00+00:00\"", "\"tm\":\"10:00:00\"",
                "\"u\":\"0198f0a0-0000-7000-8000-000000000001\"", "\"j\":{\"a\": [1, null]}", "\"a\":[\"x\",null,\"y z\"]", "\"na\":[1.10,2]", "\"m\":\"happy\"",
                "\"raw\":\"\\\\xdead\"", "\"i\":\"10.0.0.1\"", "\"nan\":\"NaN\"", "\"p\":\"(1,2)\"")) {
            assertTrue(text.contains(expected), expected + " in " + text);
        }
    }

    @Test
    void runsOnlyWhatConditionAndColumnsLetThrough() {
        source.execute("CREATE TABLE filtered (id int PRIMARY KEY, total numeric, status text, seen int)");
        source.deploy("filtered", "{'type': 'database', 'table': 'public.filtered', 'operations': ['insert', 'update'], 'columns': ['status'], 'when': \"new.total > 100 and (old == null or old.status <> new.status)\"}"
                .replace("\"", "\u0001").replace('\'', '"').replace("\u0001", "'"));
        source.execute("INSERT INTO filtered VALUES (1, 50, 'new', 0)", "INSERT INTO filtered VALUES (2, 150, 'new', 0)", "INSERT INTO filtered VALUES (3, NULL, 'new', 0)",
                "UPDATE filtered SET seen = 1", "UPDATE filtered SET status = 'paid'", "UPDATE filtered SET status = 'paid'", "INSERT INTO filtered VALUES (99, 101, 'end', 0)");
        var told = asked.await("filtered", 3).stream().map(each -> each.payload().path("op").asText() + each.payload().path("row").path("id").asInt()).sorted().toList();
        assertEquals(List.of("INSERT2", "INSERT99", "UPDATE2"), told);
    }

    @Test
    void goesOnThroughChangesOfTheSchema() {
        source.execute("CREATE TABLE shaped (id int PRIMARY KEY, a text)", "CREATE TABLE dropped (id int PRIMARY KEY)");
        source.deploy("shaped", "{'type': 'database', 'table': 'shaped', 'operations': ['insert', 'update']}");
        source.deploy("dropped", "{'type': 'database', 'table': 'dropped', 'operations': ['insert']}");
        source.execute("INSERT INTO shaped VALUES (1, 'x')", "ALTER TABLE shaped ADD b int DEFAULT 7", "INSERT INTO shaped VALUES (2, 'x', 8)",
                "ALTER TABLE shaped RENAME a TO c", "INSERT INTO shaped VALUES (3, 'x', 9)", "ALTER TABLE shaped DROP c", "INSERT INTO shaped VALUES (4, 10)",
                "INSERT INTO dropped VALUES (1)", "DROP TABLE dropped", "INSERT INTO shaped VALUES (5, 11)",
                "UPDATE shaped SET id = 6 WHERE id = 5");
        var rows = asked.await("shaped", 6);
        assertEquals(List.of("{\"id\":1,\"a\":\"x\"}", "{\"id\":2,\"a\":\"x\",\"b\":8}", "{\"id\":3,\"c\":\"x\",\"b\":9}", "{\"id\":4,\"b\":10}", "{\"id\":5,\"b\":11}", "{\"id\":6,\"b\":11}"),
                rows.stream().sorted((one, other) -> one.payload().path("row").path("id").asInt() - other.payload().path("row").path("id").asInt())
                        .map(each -> each.payload().path("row").toString()).toList());
        var moved = rows.stream().filter(each -> each.payload().path("op").asText().equals("UPDATE")).toList();
        assertEquals(1, moved.size(), "a changed key is one update");
        assertEquals(5, moved.getFirst().payload().path("old_row").path("id").asInt());
    }

    @Test
    void takesAndLetsGoOfTablesWhileItRuns() {
        source.execute("CREATE TABLE comes_and_goes (id int PRIMARY KEY)");
        source.deploy("comes", "{'type': 'database', 'table': 'comes_and_goes', 'operations': ['insert']}");
        source.execute("INSERT INTO comes_and_goes VALUES (1)");
        asked.await("comes", 1);
        source.deploy("comes", "");
        source.execute("INSERT INTO comes_and_goes VALUES (2)");
        Awaitility.await().until(() -> source.value("SELECT count(*) FROM pg_publication_tables WHERE tablename = 'comes_and_goes'").equals("0"));
        source.deploy("comes", "{'type': 'database', 'table': 'comes_and_goes', 'operations': ['insert']}");
        source.execute("INSERT INTO comes_and_goes VALUES (3)");
        assertEquals(3, asked.await("comes", 2).get(1).payload().path("row").path("id").asInt());
        assertNull(asked.of("comes").get(1).request().lineage().cause());
    }
}
