package io.aerodb.functions.triggerbridge;

import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.function.FunctionConfigJson;
import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.function.FunctionStore;
import io.aerodb.functions.function.ModuleHash;
import io.aerodb.functions.source.SourceSettings;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.source.WatchedTables;
import io.aerodb.functions.testkit.TestDatabase;
import io.aerodb.functions.testkit.TestKafka;
import io.aerodb.functions.testkit.TestPostgres;
import io.aerodb.functions.trigger.DatabaseTrigger;
import io.aerodb.functions.trigger.TableName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A database of its own, whose changes run functions. */
final class Source implements AutoCloseable {

    static final String RECORD_KEYS = "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    private final TestDatabase database;
    private final Map<String, String> settings = new HashMap<>();
    private final Database own;
    private final Database source;
    private final FunctionStore store;
    private final WatchedTables tables;

    Source(TestKafka kafka, TestPostgres postgres) throws InterruptedException {
        database = postgres.newDatabase();
        settings.putAll(Map.of(
                "AEROFN_KAFKA_BOOTSTRAP", kafka.bootstrap(),
                "AEROFN_KAFKA_EVENT_PARTITIONS", "2",
                "AEROFN_RECORD_KEYS", RECORD_KEYS,
                "AEROFN_DATABASE_URL", database.jdbcUrl(),
                "AEROFN_DATABASE_USER", database.user(),
                "AEROFN_DATABASE_PASSWORD", database.password(),
                "AEROFN_BRIDGE_HOST", "127.0.0.1",
                "AEROFN_BRIDGE_PORT", "0"));
        var read = Settings.of("bridge", settings);
        var ownSettings = DatabaseSettings.read(read);
        own = new Database(ownSettings, "test", new SimpleMeterRegistry());
        own.migrate();
        source = new Database(SourceSettings.read(read, ownSettings), "test-source", new SimpleMeterRegistry());
        store = new FunctionStore(own);
        tables = new WatchedTables(source);
    }

    Map<String, String> settings() {
        return settings;
    }

    TestDatabase database() {
        return database;
    }

    WatchedTables tables() {
        return tables;
    }

    TriggerBridge startBridge(String... more) throws Exception {
        var all = new HashMap<>(settings);
        for (var i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return TriggerBridge.start(BridgeSettings.read(Settings.of("bridge", all)));
    }

    /** As a gateway does it. @return the tables whose replica identity was set to full */
    List<TableName> deploy(String function, String triggers) {
        var config = FunctionConfigJson.parse("{\"triggers\": [" + triggers.replace('\'', '"') + "]}");
        var wanted = config.triggers().stream().map(DatabaseTrigger.class::cast).toList();
        wanted.forEach(tables::check);
        var module = function.getBytes(StandardCharsets.UTF_8);
        store.deploy(new FunctionName(function), module, ModuleHash.of(module), null, config);
        var full = tables.attach(wanted);
        tables.announce(function);
        return full;
    }

    void execute(String... statements) {
        try (var connection = database.connect(); var statement = connection.createStatement()) {
            for (var each : statements) {
                statement.execute(each);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(String.join("; ", statements), e);
        }
    }

    String value(String query) {
        try (var connection = database.connectAsAdmin(); var statement = connection.createStatement(); var rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(query, e);
        }
    }

    @Override
    public void close() {
        source.close();
        own.close();
    }
}
