package io.aerodb.functions.triggerbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.InvalidFunctionException;
import io.aerodb.functions.identity.Role;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What becomes of the capturing when the application's tables change, and of the application while tables are captured. */
class TableKeeperIT {

    private static final String AS_ALICE = "BEGIN; SET LOCAL request.jwt.claims = '{\"role\": \"authenticated\", \"sub\": \"alice\"}'; %s; COMMIT";

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
    }

    @AfterAll
    static void stop() {
        asked.close();
        bridge.close();
        source.close();
        kafka.close();
    }

    @Test
    void capturesTheTableThatTookTheNameOfAnother() {
        source.execute("CREATE TABLE swapped (id int PRIMARY KEY)");
        source.deploy("swapped", "{'type': 'database', 'table': 'swapped', 'operations': ['insert', 'update']}");
        source.execute("INSERT INTO swapped VALUES (1)");
        asked.await("swapped", 1);
        source.execute("ALTER TABLE swapped RENAME TO swapped_old", "CREATE TABLE swapped (id int PRIMARY KEY, more text)");
        eventually().until(() -> isPublished("swapped") && !isPublished("swapped_old"));
        source.execute("INSERT INTO swapped_old VALUES (2)", "INSERT INTO swapped VALUES (3, 'more')");
        var told = asked.await("swapped", 2);
        assertEquals("{\"id\":3,\"more\":\"more\"}", told.get(1).payload().path("row").toString());

        source.execute("DROP TABLE swapped", "CREATE TABLE swapped (id int PRIMARY KEY)");
        eventually().until(() -> isPublished("swapped"));
        source.execute("INSERT INTO swapped VALUES (4)");
        asked.await("swapped", 3);
        assertEquals("f", source.value("SELECT relreplident FROM pg_class WHERE relname = 'swapped'"));
    }

    @Test
    void putsTheTriggerBackThatTellsWhoWrites() {
        source.execute("CREATE TABLE told (id int PRIMARY KEY)");
        source.deploy("told", "{'type': 'database', 'table': 'told', 'operations': ['insert']}");
        source.execute("DROP TRIGGER aerodb_tell_identity ON told");
        eventually().until(() -> tellsIdentity("told"));
        source.execute("ALTER TABLE told DISABLE TRIGGER USER");
        eventually().until(() -> tellsIdentity("told"));
        source.execute(AS_ALICE.formatted("INSERT INTO told VALUES (1)"));
        assertEquals("alice", asked.await("told", 1).getFirst().request().identity().subject());
    }

    @Test
    void tellsWhoWritesToPartitionsPastTheirParent() {
        source.execute("CREATE TABLE parted (id int, day int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
                "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (1) TO (2)",
                "CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (2) TO (3) PARTITION BY RANGE (day)",
                "CREATE TABLE parted_2a PARTITION OF parted_2 FOR VALUES FROM (2) TO (3)");
        source.deploy("parted", "{'type': 'database', 'table': 'parted', 'operations': ['insert', 'update'], 'ordering': 'none'}");
        source.execute("CREATE TABLE parted_3 (id int, day int, PRIMARY KEY (id, day))", "ALTER TABLE parted ATTACH PARTITION parted_3 FOR VALUES FROM (3) TO (4)");
        eventually().until(() -> tellsIdentity("parted_3") && source.value("SELECT relreplident FROM pg_class WHERE relname = 'parted_3'").equals("f"));
        source.execute(AS_ALICE.formatted("INSERT INTO parted_1 VALUES (1, 1)"), AS_ALICE.formatted("INSERT INTO parted_2 VALUES (2, 2)"),
                AS_ALICE.formatted("INSERT INTO parted_2a VALUES (3, 2)"), AS_ALICE.formatted("INSERT INTO parted_3 VALUES (4, 3)"),
                AS_ALICE.formatted("INSERT INTO parted VALUES (5, 3)"));
        for (var each : asked.await("parted", 5)) {
            assertEquals(Role.AUTHENTICATED, each.request().identity().role(), each.payload()::toString);
            assertEquals("parted", each.payload().path("table").asText());
        }
    }

    @Test
    void refusesPartitionsAndPartitionedTablesWithoutAKey() {
        source.execute("CREATE TABLE keyed (id int PRIMARY KEY) PARTITION BY RANGE (id)", "CREATE TABLE keyed_1 PARTITION OF keyed FOR VALUES FROM (1) TO (2)",
                "CREATE TABLE keyless (id int) PARTITION BY RANGE (id)");
        var partition = assertThrows(InvalidFunctionException.class,
                () -> source.deploy("keyed", "{'type': 'database', 'table': 'keyed_1', 'operations': ['insert']}"));
        assertTrue(partition.getMessage().contains("name the partitioned table"), partition::getMessage);
        var keyless = assertThrows(InvalidFunctionException.class,
                () -> source.deploy("keyless", "{'type': 'database', 'table': 'keyless', 'operations': ['insert']}"));
        assertTrue(keyless.getMessage().contains("add a primary key"), keyless::getMessage);
        source.execute("ALTER TABLE keyless ADD PRIMARY KEY (id)");
        source.deploy("keyless", "{'type': 'database', 'table': 'keyless', 'operations': ['insert']}");
        source.execute("CREATE TABLE keyless_1 PARTITION OF keyless FOR VALUES FROM (1) TO (2)", "INSERT INTO keyless VALUES (1)", "DELETE FROM keyless");
        asked.await("keyless", 1);
    }

    @Test
    void leavesTablesAloneThatInheritFromAnother() {
        source.execute("CREATE TABLE ancestor (id int PRIMARY KEY)", "CREATE TABLE heir (word text) INHERITS (ancestor)");
        source.deploy("ancestor", "{'type': 'database', 'table': 'ancestor', 'operations': ['insert']}");
        assertTrue(!isPublished("heir"));
        source.execute("INSERT INTO heir VALUES (1, 'word')", "UPDATE heir SET word = 'other'"); // which a published table without a key refuses
        source.execute("INSERT INTO ancestor VALUES (2)");
        assertEquals(2, asked.await("ancestor", 1).getFirst().payload().path("row").path("id").asInt());
        source.deploy("ancestor", "");
        eventually().until(() -> !isPublished("ancestor"));
    }

    @Test
    void letsGoOfATableThatSomebodyIsReading() throws Exception {
        source.execute("CREATE TABLE reported (id int PRIMARY KEY)");
        source.deploy("reported", "{'type': 'database', 'table': 'reported', 'operations': ['insert']}");
        try (var report = source.database().connect(); var statement = report.createStatement()) {
            report.setAutoCommit(false);
            statement.executeQuery("SELECT * FROM reported");
            source.deploy("reported", "");
            eventually().until(() -> !isPublished("reported"));
        }
    }

    /** Whoever waits for a table makes all those wait who come after. */
    @Test
    void holdsUpNobodyWhereATableIsLocked() throws Exception {
        source.execute("CREATE TABLE busy (id int PRIMARY KEY)");
        var refused = new AtomicReference<Exception>();
        try (var report = source.database().connect(); var other = source.database().connect(); var statement = other.createStatement()) {
            report.setAutoCommit(false);
            report.createStatement().executeQuery("SELECT * FROM busy");
            var deploying = Thread.ofVirtual().start(() -> refused.set(assertThrows(UnavailableException.class,
                    () -> source.deploy("busy", "{'type': 'database', 'table': 'busy', 'operations': ['update']}"))));
            statement.execute("SET lock_timeout = '3s'");
            while (deploying.isAlive()) {
                statement.execute("SELECT * FROM busy"); // fails if it waits for so long
            }
            deploying.join();
        }
        assertTrue(refused.get().getMessage().contains("locked by others"), refused.get()::toString);
    }

    @Test
    void altersNothingWhereNothingIsMissing() {
        source.execute("CREATE TABLE steady (id int PRIMARY KEY)");
        source.deploy("steady", "{'type': 'database', 'table': 'steady', 'operations': ['insert']}");
        var before = source.value("SELECT string_agg(xmin::text, ',' ORDER BY oid) FROM pg_proc WHERE pronamespace = 'aerodb_bridge'::regnamespace");
        source.deploy("steady", "{'type': 'database', 'table': 'steady', 'operations': ['insert'], 'when': 'new.id > 0'}");
        source.tables().prepare();
        assertEquals(before, source.value("SELECT string_agg(xmin::text, ',' ORDER BY oid) FROM pg_proc WHERE pronamespace = 'aerodb_bridge'::regnamespace"));
    }

    private static ConditionFactory eventually() {
        return Awaitility.await().atMost(Duration.ofSeconds(60));
    }

    private static boolean isPublished(String table) {
        return source.value("SELECT count(*) FROM pg_publication_rel WHERE prrelid = '" + table + "'::regclass").equals("1");
    }

    private static boolean tellsIdentity(String table) {
        return source.value("SELECT count(*) FROM pg_trigger WHERE tgrelid = '" + table + "'::regclass AND tgname = 'aerodb_tell_identity' AND tgenabled = 'O'").equals("1");
    }
}
