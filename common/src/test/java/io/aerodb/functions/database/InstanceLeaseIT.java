package io.aerodb.functions.database;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.testkit.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InstanceLeaseIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String LIVE = "SELECT name FROM aerodb.instances WHERE lease_until > clock_timestamp() ORDER BY name";

    @Test
    void isThereOnceItWasStartedAndGoneOnceAGatewayIs() throws InterruptedException {
        try (var database = DatabaseKit.fresh()) {
            var lease = InstanceLease.ofGateway(database, "gateway-1");
            assertFalse(lease.isHeld());
            lease.start();
            assertTrue(lease.isHeld());
            assertEquals(List.of("gateway-1"), column(database, LIVE));
            lease.close();
            assertEquals(List.of(), column(database, "SELECT name FROM aerodb.instances"));
        }
    }

    @Test
    void runsOutWhenAWorkerIsGone() throws InterruptedException {
        try (var database = DatabaseKit.fresh()) {
            var lease = InstanceLease.ofWorker(database, "worker-1");
            lease.start();
            execute(database, "UPDATE aerodb.instances SET lease_until = clock_timestamp() + interval '1 h'");
            lease.close();
            assertEquals(List.of("t"), column(database,
                    "SELECT lease_until BETWEEN clock_timestamp() AND clock_timestamp() + interval '10 s' FROM aerodb.instances"));
            await().atMost(PATIENCE).until(() -> column(database, LIVE).isEmpty());
        }
    }

    @Test
    void isRenewed() throws InterruptedException {
        try (var database = DatabaseKit.fresh(); var lease = InstanceLease.ofWorker(database, "worker-1")) {
            lease.start();
            var first = column(database, "SELECT lease_until FROM aerodb.instances");
            await().atMost(PATIENCE).until(() -> !column(database, "SELECT lease_until FROM aerodb.instances").equals(first));
        }
    }

    @Test
    void countsTheInstancesOfItsServiceThatAreThere() throws InterruptedException {
        try (var database = DatabaseKit.fresh(); var lease = InstanceLease.ofWorker(database, "worker-1")) {
            assertEquals(1, lease.live());
            execute(database, "INSERT INTO aerodb.instances VALUES ('worker-2', 'worker', now() + interval '1 h'), "
                    + "('worker-3', 'worker', now() - interval '1 s'), ('gateway-1', 'gateway', now() + interval '1 h')");
            lease.start();
            assertEquals(2, lease.live());
            var metrics = new SimpleMeterRegistry();
            lease.bindTo(metrics);
            assertEquals(2, metrics.get("instance.live").gauge().value());
            assertEquals(1, metrics.get("instance.lease").gauge().value());
        }
    }

    @Test
    void removesThoseThatAreLongGone() throws InterruptedException {
        try (var database = DatabaseKit.fresh(); var lease = InstanceLease.ofGateway(database, "gateway-1")) {
            execute(database, "INSERT INTO aerodb.instances VALUES ('worker-1', 'worker', now() - interval '50 min'), "
                    + "('worker-2', 'worker', now() - interval '2 h')");
            lease.start();
            assertEquals(List.of("gateway-1", "worker-1"), column(database, "SELECT name FROM aerodb.instances ORDER BY name"));
        }
    }

    @Test
    void tellsThatItWasNotRenewedInTime() throws InterruptedException {
        try (var database = DatabaseKit.fresh(); var lease = InstanceLease.ofWorker(database, "worker-1")) {
            execute(database, "INSERT INTO aerodb.instances VALUES ('worker-1', 'worker', now() + interval '3 s', now() - interval '1 h')");
            lease.start();
            assertEquals(List.of("t"), column(database, "SELECT renewed_since > now() - interval '30 min' FROM aerodb.instances"));
        }
    }

    @Test
    void tellsSinceWhenItHasBeenRenewedInTime() throws InterruptedException {
        try (var database = DatabaseKit.fresh(); var lease = InstanceLease.ofWorker(database, "worker-1")) {
            execute(database, "INSERT INTO aerodb.instances VALUES ('worker-1', 'worker', now() + interval '1 h', now() - interval '1 h')");
            lease.start();
            assertEquals(List.of("t"), column(database, "SELECT renewed_since < now() - interval '30 min' FROM aerodb.instances"));
        }
    }

    @Test
    void comesBackAfterAnOutage() throws Exception {
        try (var postgres = TestPostgres.own(); var database = DatabaseKit.on(postgres.newDatabase());
                var lease = InstanceLease.ofWorker(database, "worker-1")) {
            lease.start();
            postgres.stop();
            await().atMost(PATIENCE).until(() -> !lease.isHeld());
            postgres.start();
            await().atMost(PATIENCE).until(lease::isHeld);
            await().atMost(PATIENCE).ignoreExceptions().until(() -> column(database, LIVE).equals(List.of("worker-1")));
        }
    }

    @Test
    void startsWhilePostgresIsAway() throws Exception {
        try (var postgres = TestPostgres.own(); var database = DatabaseKit.on(postgres.newDatabase());
                var lease = InstanceLease.ofWorker(database, "worker-1")) {
            postgres.stop();
            lease.start();
            assertFalse(lease.isHeld());
            assertEquals(1, lease.live());
            postgres.start();
            await().atMost(PATIENCE).until(lease::isHeld);
        }
    }

    private static List<String> column(Database database, String sql) {
        return database.run(connection -> {
            try (var statement = connection.createStatement(); var rows = statement.executeQuery(sql)) {
                var values = new ArrayList<String>();
                while (rows.next()) {
                    values.add(rows.getString(1));
                }
                return values;
            }
        });
    }

    private static void execute(Database database, String sql) {
        database.run(connection -> {
            try (var statement = connection.createStatement()) {
                return statement.executeUpdate(sql);
            }
        });
    }
}
