package io.aerodb.functions.benchmarks;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.function.FunctionConfigJson;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.kafka.Kafka;
import io.aerodb.functions.kafka.Topics;
import io.aerodb.functions.source.WatchedTables;
import io.aerodb.functions.testkit.TestDatabase;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestModules;
import io.aerodb.functions.testkit.TestPostgres;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.triggerbridge.BridgeSettings;
import io.aerodb.functions.triggerbridge.TriggerBridge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** A bridge alone with its servers, and the broker in this JVM: nothing runs the functions. */
final class WalThroughput {

    private static final int PARTITIONS = 4;
    private static final int WARM_UP = 50_000;
    private static final int MILLION = 1_000_000;
    private static final int SMALL = 100;
    private static final int POINTS = 8;

    private WalThroughput() {}

    public static void main(String[] arguments) throws Exception {
        try (var kafka = TestKafka.own(); var postgres = TestPostgres.own()) {
            var database = postgres.newDatabase();
            prepare(database);
            var settings = BridgeSettings.read(Settings.of("bridge", Map.of(
                    "AEROFN_KAFKA_BOOTSTRAP", kafka.bootstrap(),
                    "AEROFN_KAFKA_EVENT_PARTITIONS", String.valueOf(PARTITIONS),
                    "AEROFN_RECORD_KEYS", "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
                    "AEROFN_DATABASE_URL", database.jdbcUrl(), "AEROFN_DATABASE_USER", database.user(), "AEROFN_DATABASE_PASSWORD", database.password(),
                    "AEROFN_BRIDGE_PORT", "0")));
            try (var _ = TriggerBridge.start(settings); var admin = new Kafka(kafka.bootstrap(), "benchmark").admin()) {
                measure("warm-up", admin, database, WARM_UP, WARM_UP);
                measure("one transaction", admin, database, MILLION, MILLION);
                measure("transactions of " + SMALL + " rows", admin, database, MILLION, SMALL);
            }
        }
    }

    private static void prepare(TestDatabase database) throws Exception {
        try (var connection = database.connect(); var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE facts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text)");
        }
        var settings = new DatabaseSettings(database.jdbcUrl(), database.user(), new Secret(database.password()), 2);
        try (var own = new Database(settings, "benchmark", new SimpleMeterRegistry())) {
            own.migrate();
            var config = FunctionConfigJson.parse("""
                    {"triggers": [{"type": "database", "table": "facts", "operations": ["insert"]}]}""");
            var module = TestModules.typical(1, 0);
            new FunctionStore(own).deploy(new FunctionName("on-fact"), module, ModuleHash.of(module), null, config);
            new WatchedTables(own).attach(List.of((DatabaseTrigger) config.triggers().getFirst()));
        }
    }

    /** Prints what is in use after a collection as the rows go by: it must not grow with them. */
    private static void measure(String what, Admin admin, TestDatabase database, int rows, int atOnce) throws Exception {
        var before = requests(admin);
        var start = System.nanoTime();
        var writing = Thread.ofVirtual().start(() -> write(database, rows, atOnce));
        var used = new ArrayList<String>();
        for (var done = 0L; done < rows; done = requests(admin) - before) {
            if (done >= (long) rows * used.size() / POINTS) {
                used.add(usedAfterCollection() + " MiB at " + done);
            }
            Thread.sleep(200);
        }
        var seconds = (System.nanoTime() - start) / 1e9;
        writing.join();
        used.add(usedAfterCollection() + " MiB at " + rows);
        System.out.printf("%-28s %9d rows, from the start of writing to the topic: %7.0f rows/s%n", what, rows, rows / seconds);
        System.out.println("  heap after a collection: " + String.join(", ", used));
    }

    private static void write(TestDatabase database, int rows, int atOnce) {
        try (var connection = database.connect();
                var insert = connection.prepareStatement("INSERT INTO facts (note) SELECT 'a row of the usual length' FROM generate_series(1, ?)")) {
            for (var left = rows; left > 0; left -= atOnce) {
                insert.setInt(1, atOnce);
                insert.executeUpdate();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** In MiB, of this JVM with the bridge, the broker and this benchmark. */
    private static long usedAfterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 20;
    }

    private static long requests(Admin admin) throws Exception {
        var partitions = IntStream.range(0, PARTITIONS).boxed()
                .collect(Collectors.toMap(partition -> new TopicPartition(Topics.EVENTS, partition), _ -> OffsetSpec.latest()));
        return admin.listOffsets(partitions).all().get().values().stream().mapToLong(end -> end.offset()).sum();
    }
}
