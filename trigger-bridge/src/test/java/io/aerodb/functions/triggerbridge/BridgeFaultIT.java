package io.aerodb.functions.triggerbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.invocation.InvocationId;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bridges as processes that are killed, and servers that go and come back. */
class BridgeFaultIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final List<Process> processes = new ArrayList<>();
    private TestKafka kafka;
    private TestPostgres postgres;
    private Source source;
    private Asked asked;

    @BeforeEach
    void start() throws Exception {
        kafka = TestKafka.own();
        postgres = TestPostgres.own();
        source = new Source(kafka, postgres);
        source.execute("CREATE TABLE orders (id int PRIMARY KEY, n int)");
        source.deploy("orders", "{'type': 'database', 'table': 'orders', 'operations': ['insert', 'update', 'delete']}");
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (var process : processes) {
            process.destroyForcibly().waitFor();
        }
        if (asked != null) {
            asked.close();
        }
        source.close();
        postgres.close();
        kafka.close();
    }

    /** Whatever a killed bridge had sent and not noted down is sent again, under the same ids. */
    @Test
    void tellsARepeatFromANewChangeWhereABridgeIsKilled() throws Exception {
        var first = startProcess();
        awaitSlot();
        asked = new Asked(source, Topics.EVENTS);
        var expected = writeWhileBridgesAreKilled(first);
        Awaitility.await().atMost(PATIENCE).until(() -> idsByRow().size() == expected || !asked.await("orders", asked.of("orders").size() + 1).isEmpty() && idsByRow().size() == expected);
        assertTrue(idsByRow().values().stream().allMatch(ids -> ids == 1), "each change has one id, however often it was told");
    }

    /** Killed after it has sent what it has not noted down, in any case. */
    @Test
    void neitherWaitsForWhatItNotesDownNorLosesWhatItHasNot() throws Exception {
        var first = startProcess();
        awaitSlot();
        asked = new Asked(source, Topics.EVENTS);
        source.execute("INSERT INTO orders VALUES (0, 0)");
        asked.await("orders", 1);
        try (var lock = source.database().connect()) {
            lock.setAutoCommit(false);
            lock.createStatement().execute("LOCK TABLE aerodb.bridge_offsets IN EXCLUSIVE MODE");
            source.execute("INSERT INTO orders VALUES (1, 0)");
            asked.await("orders", 2);
            Awaitility.await().atMost(PATIENCE).until(() -> !source.value("SELECT count(*) FROM pg_locks WHERE relation = 'aerodb.bridge_offsets'::regclass AND NOT granted").equals("0"));
            for (var id = 2; id <= 5; id++) {
                source.execute("INSERT INTO orders VALUES (" + id + ", 0)");
                asked.await("orders", id + 1);
            }
            first.destroyForcibly().waitFor();
            source.value("SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE relation = 'aerodb.bridge_offsets'::regclass AND NOT granted");
        }
        startProcess();
        asked.await("orders", 11);
        assertEquals(6, idsByRow().size());
        assertTrue(idsByRow().values().stream().allMatch(ids -> ids == 1), "a repeat has the id of the first time");
    }

    /** The kernel of a process that hangs goes on answering for it. */
    @Test
    void anotherBridgeTakesOverFromOneThatHangs() throws Exception {
        var first = startProcess();
        awaitSlot();
        asked = new Asked(source, Topics.EVENTS);
        source.execute("INSERT INTO orders VALUES (1, 0)");
        asked.await("orders", 1);
        try (var standby = source.startBridge()) {
            Awaitility.await().atMost(PATIENCE).until(standby::isReady);
            signal(first, "STOP");
            var hung = System.nanoTime();
            source.execute("INSERT INTO orders VALUES (2, 0)");
            awaitRows(2);
            System.out.println("fail-over from a process that hangs took " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - hung) + " ms");
            assertTrue(standby.isActive());
            signal(first, "CONT");
            source.execute("INSERT INTO orders VALUES (3, 0)");
            awaitRows(3);
            assertTrue(standby.isActive());
        }
    }

    /** Where batches end stands in the log, so the next bridge makes the same ones of what it reads again. */
    @Test
    void tellsEachChangeInOneBatchWhereABridgeIsKilled() throws Exception {
        source.deploy("batched", "{'type': 'database', 'table': 'orders', 'operations': ['insert'], 'batch': {'size': 7, 'window_ms': 40, 'groups': 2}}");
        source.deploy("gathered", "{'type': 'database', 'table': 'orders', 'operations': ['insert'], 'ordering': 'none', 'batch': {'size': 100, 'window_ms': 300}}");
        var process = startProcess();
        awaitSlot();
        asked = new Asked(source, Topics.EVENTS);
        var expected = writeWhileBridgesAreKilled(process);
        for (var function : List.of("batched", "gathered")) {
            Awaitility.await().atMost(PATIENCE).until(() -> batchesByRow(function).size() == expected
                    || !asked.await(function, asked.of(function).size() + 1).isEmpty() && batchesByRow(function).size() == expected);
            var twice = batchesByRow(function).entrySet().stream().filter(row -> row.getValue().size() > 1).toList();
            assertTrue(twice.isEmpty(), function + " was told of rows in several batches: " + twice);
            assertTrue(asked.of(function).stream().anyMatch(each -> each.payload().path("changes").size() > 1));
        }
    }

    /** What a killed bridge had sent and not noted down is sent again, under the same ids; another bridge goes on where it was. */
    @Test
    void goesOnWithABackfillWhereABridgeIsKilled() throws Exception {
        source.execute("INSERT INTO orders SELECT n, 0 FROM generate_series(1, 6000) n");
        var first = startProcess();
        awaitSlot();
        asked = new Asked(source, Topics.EVENTS);
        var backfills = new Backfilling(source);
        var id = backfills.start("orders", 1000);
        for (var round = 1; round <= 2; round++) {
            var enough = round * 1500;
            Awaitility.await().atMost(PATIENCE).until(() -> backfills.read(id) >= enough);
            assertTrue(backfills.told(id).startsWith("running"), backfills.told(id));
            var next = startProcess();
            first.destroyForcibly().waitFor();
            first = next;
        }
        assertEquals("completed 6000 6000", backfills.awaitEnd(id), "no row is counted twice");
        Awaitility.await().atMost(PATIENCE).until(() -> idsByRow().size() == 6000 || !asked.await("orders", asked.of("orders").size() + 1).isEmpty() && idsByRow().size() == 6000);
        assertTrue(idsByRow().values().stream().allMatch(ids -> ids == 1), "each row has one id, however often it was told");
        assertEquals(asked.of("orders").stream().map(each -> each.request().id()).distinct().count(),
                asked.of("orders").stream().map(each -> each.request().id() + " " + each.request().acceptedAt()).distinct().count(), "and was accepted once");
    }

    @Test
    void anotherBridgeTakesOver() throws Exception {
        var first = startProcess();
        awaitSlot();
        asked = new Asked(source, Topics.EVENTS);
        source.execute("INSERT INTO orders VALUES (1, 0)");
        asked.await("orders", 1);
        try (var standby = source.startBridge()) {
            assertFalse(standby.isActive());
            Awaitility.await().atMost(PATIENCE).until(standby::isReady);
            first.destroyForcibly().waitFor();
            var killed = System.nanoTime();
            source.execute("INSERT INTO orders VALUES (2, 0)");
            awaitRows(2);
            System.out.println("fail-over took " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killed) + " ms");
            assertTrue(standby.isActive());
        }
    }

    /** While nobody has the turn nobody makes it again either. */
    @Test
    void anotherBridgeTakesOverWhereItsSchemaIsGone() throws Exception {
        var first = startProcess();
        awaitSlot();
        asked = new Asked(source, Topics.EVENTS);
        try (var standby = source.startBridge()) {
            first.destroyForcibly().waitFor();
            source.execute("DROP SCHEMA aerodb_bridge CASCADE");
            source.execute("INSERT INTO orders VALUES (1, 0)");
            awaitRows(1);
            assertTrue(standby.isActive());
            assertEquals("1", source.value("SELECT count(*) FROM aerodb_bridge.identity_key"));
        }
    }

    @Test
    void survivesPostgresAndKafkaBeingAway() throws Exception {
        try (var bridge = source.startBridge()) {
            awaitSlot();
            asked = new Asked(source, Topics.EVENTS);
            source.execute("INSERT INTO orders VALUES (1, 0)");
            asked.await("orders", 1);
            postgres.kill();
            Awaitility.await().atMost(PATIENCE).until(() -> !bridge.isReady());
            postgres.start();
            source.execute("INSERT INTO orders VALUES (2, 0)");
            awaitRows(2);
            kafka.stop();
            source.execute("INSERT INTO orders VALUES (3, 0)");
            Awaitility.await().atMost(PATIENCE).until(() -> !bridge.isReady());
            kafka.start();
            awaitRows(3);
            Awaitility.await().atMost(PATIENCE).until(bridge::isReady);
        }
    }

    @Test
    void stopsWhereTheSlotIsLostUntilSomebodyDecides() throws Exception {
        try (var bridge = source.startBridge()) {
            awaitSlot();
            Awaitility.await().atMost(PATIENCE).until(bridge::isReady);
        }
        source.value("SELECT pg_drop_replication_slot(slot_name)::text FROM pg_replication_slots");
        asked = new Asked(source, Topics.EVENTS);
        try (var bridge = source.startBridge()) {
            Awaitility.await().during(Duration.ofSeconds(3)).atMost(PATIENCE).until(() -> bridge.isActive() && !bridge.isReady());
            assertEquals("0", source.value("SELECT count(*) FROM pg_replication_slots"));
            source.execute("DELETE FROM aerodb.bridge_offsets");
            awaitSlot();
            Awaitility.await().atMost(PATIENCE).until(bridge::isReady);
            source.execute("INSERT INTO orders VALUES (1, 0)");
            asked.await("orders", 1);
        }
    }

    @Test
    void stopsWhereAnotherSlotHasTheNameOfOurs() throws Exception {
        try (var bridge = source.startBridge()) {
            awaitSlot();
            Awaitility.await().atMost(PATIENCE).until(bridge::isReady);
        }
        var slot = source.value("SELECT slot_name FROM pg_replication_slots");
        source.value("SELECT pg_drop_replication_slot('" + slot + "')::text");
        source.execute("INSERT INTO orders VALUES (1, 0)");
        source.value("SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')::text");
        asked = new Asked(source, Topics.EVENTS);
        try (var bridge = source.startBridge()) {
            Awaitility.await().during(Duration.ofSeconds(3)).atMost(PATIENCE)
                    .until(() -> bridge.isActive() && !bridge.isReady() && metric(bridge, "bridge_slot_lost").equals("1.0"));
            source.execute("INSERT INTO orders VALUES (2, 0)", "DELETE FROM aerodb.bridge_offsets");
            assertEquals(2, asked.await("orders", 1).getFirst().payload().path("row").path("id").asInt(), "what the new slot has is told from then on");
            Awaitility.await().atMost(PATIENCE).until(() -> bridge.isReady() && metric(bridge, "bridge_slot_lost").equals("0.0"));
        }
    }

    @Test
    void keepsNoLogForAQuietTable() throws Exception {
        try (var bridge = source.startBridge()) {
            awaitSlot();
            source.execute("CREATE TABLE noise AS SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
            Awaitility.await().atMost(PATIENCE).until(() -> Long.parseLong(source.value("SELECT (pg_current_wal_lsn() - confirmed_flush_lsn)::bigint FROM pg_replication_slots")) < 100_000);
            assertTrue(bridge.isActive());
        }
    }

    /** Whatever is repeated. */
    private void awaitRows(int count) {
        Awaitility.await().atMost(PATIENCE).until(() -> !asked.await("orders", asked.of("orders").size()).isEmpty() && idsByRow().size() == count);
    }

    private Map<Integer, Long> idsByRow() {
        return asked.of("orders").stream().collect(Collectors.groupingBy(each -> each.payload().path("row").path("id").asInt(),
                Collectors.collectingAndThen(Collectors.mapping(each -> each.request().id(), Collectors.toSet()), ids -> (long) ids.size())));
    }

    private static String metric(TriggerBridge bridge, String name) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var scraped = http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + bridge.port() + "/metrics")).build(), BodyHandlers.ofString()).body();
            return scraped.lines().filter(line -> line.startsWith(name)).map(line -> line.substring(line.lastIndexOf(' ') + 1)).findFirst().orElse(scraped);
        }
    }

    private static void signal(Process process, String name) throws Exception {
        assertEquals(0, new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor());
    }

    private Map<Integer, Set<InvocationId>> batchesByRow(String function) {
        var batches = new HashMap<Integer, Set<InvocationId>>();
        asked.of(function).forEach(each -> each.payload().path("changes")
                .forEach(change -> batches.computeIfAbsent(change.path("row").path("id").asInt(), _ -> new HashSet<>()).add(each.request().id())));
        return batches;
    }

    /** @return how many rows there are in the end */
    private int writeWhileBridgesAreKilled(Process first) throws Exception {
        var process = first;
        for (var round = 0; round < 3; round++) {
            var from = round * 300;
            var writing = Thread.ofVirtual().start(() -> IntStream.range(from, from + 300).forEach(id -> source.execute(
                    id % 50 == 0 ? "INSERT INTO orders SELECT " + id + " + 10000 * i, 0 FROM generate_series(0, 9) i" : "INSERT INTO orders VALUES (" + id + ", 0)")));
            asked.await("orders", from + 100);
            process.destroyForcibly().waitFor();
            process = startProcess();
            writing.join();
        }
        return 900 + 18 * 9;
    }

    private void awaitSlot() {
        Awaitility.await().atMost(PATIENCE).until(() -> source.value("SELECT count(*) FROM pg_replication_slots WHERE active").equals("1"));
    }

    private Process startProcess() throws Exception {
        var builder = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(), "-Xmx512m",
                "-cp", System.getProperty("java.class.path"), Main.class.getName())
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(source.settings());
        var process = builder.start();
        processes.add(process);
        return process;
    }
}
