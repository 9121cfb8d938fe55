package io.aerodb.functions.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseKit;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.testkit.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FunctionRegistryIT {

    private static final FunctionName HELLO = new FunctionName("hello");

    private TestPostgres postgres;
    private Database database;
    private FunctionStore store;
    private FunctionRegistry registry;

    @BeforeEach
    void start() throws InterruptedException {
        postgres = TestPostgres.own();
        database = DatabaseKit.on(postgres.newDatabase());
        store = new FunctionStore(database);
        registry = new FunctionRegistry(database, store);
    }

    @AfterEach
    void stop() {
        registry.close();
        database.close();
        postgres.close();
    }

    @Test
    void knowsFromTheStartWhatWasDeployedBefore() {
        deploy(1);
        connect();
        assertEquals(1, registry.cached(HELLO).orElseThrow().version());
    }

    @Test
    void hearsOfEveryChangeByItself() {
        var heard = new CopyOnWriteArrayList<Integer>();
        var deleted = new CopyOnWriteArrayList<FunctionName>();
        registry.onChange(function -> heard.add(function.version()));
        registry.onDelete(deleted::add);
        connect();
        deploy(1);
        Awaitility.await().until(() -> cachedVersion() == 1);
        deploy(2);
        Awaitility.await().until(() -> cachedVersion() == 2);
        assertEquals(List.of(1, 2), heard);
        store.delete(HELLO);
        Awaitility.await().until(() -> registry.cached(HELLO).isEmpty());
        Awaitility.await().until(() -> deleted.equals(List.of(HELLO)));
    }

    @Test
    void asksForANameItHasNotHeardOf() {
        connect();
        assertEquals(Optional.empty(), registry.find(HELLO));
        deploy(1);
        assertEquals(1, registry.find(HELLO).orElseThrow().version());
    }

    @Test
    void hidesNoNewFunctionFromThoseWhoAskedOftenInVain() {
        connect();
        for (var round = 1; round <= 5; round++) {
            for (var i = 0; i < 3 * AbsentNames.ASKED_OFTEN; i++) {
                assertEquals(Optional.empty(), registry.find(HELLO));
            }
            deploy(round);
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> registry.find(HELLO).isPresent());
            store.delete(HELLO);
            registry.reload(HELLO);
        }
    }

    @Test
    void isNeverLeftWithSomethingOldByThoseWhoAsk() throws Exception {
        connect();
        var stop = new AtomicBoolean();
        try (var threads = Executors.newFixedThreadPool(2)) {
            var asking = IntStream.range(0, 2).mapToObj(_ -> threads.submit(() -> {
                while (!stop.get()) {
                    registry.find(HELLO);
                }
            })).toList();
            try {
                for (var round = 1; round <= 15; round++) {
                    deploy(round);
                    awaitCached(true);
                    store.delete(HELLO);
                    awaitCached(false);
                }
            } finally {
                stop.set(true);
            }
            for (var end : asking) {
                end.get();
            }
        }
        assertEquals(Optional.empty(), registry.cached(HELLO));
    }

    @Test
    void servesWhatItKnowsDuringAnOutageAndReadsEverythingAnewAfterIt() {
        deploy(1);
        connect();
        postgres.stop();
        Awaitility.await().until(() -> !registry.isConnected());
        assertEquals(1, registry.find(HELLO).orElseThrow().version());
        assertThrows(UnavailableException.class, () -> registry.find(new FunctionName("unknown")));
        postgres.start();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(registry::isConnected);
        deploy(2);
        Awaitility.await().until(() -> cachedVersion() == 2);
    }

    @Test
    void takesNoticeOfNothingThatIsNoName() {
        connect();
        var listener = listener();
        notify("No name");
        notify("");
        notify("deploy");
        deploy(1);
        Awaitility.await().until(() -> cachedVersion() == 1);
        assertEquals(listener, listener());
    }

    private void notify(String payload) {
        database.run(connection -> {
            try (var notify = connection.prepareStatement("SELECT pg_notify(?, ?)")) {
                notify.setString(1, FunctionStore.CHANNEL);
                notify.setString(2, payload);
                return notify.execute();
            }
        });
    }

    /** The process that serves the connection on which the registry listens. */
    private List<Integer> listener() {
        return database.run(connection -> {
            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery("SELECT pid FROM pg_stat_activity WHERE application_name LIKE '%-listener' AND datname = current_database()")) {
                var pids = new ArrayList<Integer>();
                while (rows.next()) {
                    pids.add(rows.getInt(1));
                }
                return pids;
            }
        });
    }

    private void connect() {
        registry.start();
        Awaitility.await().until(registry::isConnected);
        assertTrue(registry.isConnected());
    }

    private void awaitCached(boolean there) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(1))
                .until(() -> registry.cached(HELLO).isPresent() == there);
    }

    private int cachedVersion() {
        return registry.cached(HELLO).map(DeployedFunction::version).orElse(0);
    }

    private void deploy(int content) {
        var module = new byte[] {(byte) content};
        store.deploy(HELLO, module, ModuleHash.of(module), null, null);
    }
}
