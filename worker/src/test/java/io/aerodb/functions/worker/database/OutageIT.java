package io.aerodb.functions.worker.database;

import static io.aerodb.functions.worker.database.GuestTestDatabase.ALICE;
import static io.aerodb.functions.worker.database.GuestTestDatabase.PLENTY;
import static io.aerodb.functions.worker.database.GuestTestDatabase.json;
import static io.aerodb.functions.worker.database.GuestTestDatabase.user;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.testkit.TestPostgres;
import io.aerodb.functions.worker.wasm.HostError;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OutageIT {

    @Test
    void saysAtOnceThatTheDatabaseIsAwayAndRecoversByItself() {
        try (var postgres = TestPostgres.own()) {
            var database = GuestTestDatabase.on(postgres, 4);
            try (var guests = database.open()) {
                assertInstanceOf(QueryAnswer.Succeeded.class, ask(guests));
                var running = CompletableFuture.supplyAsync(() -> guests.query(user(ALICE),
                        "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100001) b", json(""), PLENTY));
                await().atMost(PLENTY).until(() -> isRunning(database));
                postgres.stop();
                assertEquals(HostError.UNAVAILABLE, assertInstanceOf(QueryAnswer.Failed.class, running.join()).error());
                assertEquals(HostError.UNAVAILABLE, failure(guests).error());
                var start = System.nanoTime();
                for (var i = 0; i < 1000; i++) {
                    assertEquals(HostError.UNAVAILABLE, failure(guests).error());
                }
                var each = Duration.ofNanos((System.nanoTime() - start) / 1000);
                assertTrue(each.compareTo(Duration.ofMillis(20)) < 0, each.toString());
                postgres.start();
                await().atMost(Duration.ofSeconds(60)).until(() -> ask(guests) instanceof QueryAnswer.Succeeded);
            }
        }
    }

    @Test
    void runsTheNextQueryOnANewConnectionWhenAnIdleOneWasEnded() {
        var database = GuestTestDatabase.shared(1);
        try (var guests = database.open()) {
            assertInstanceOf(QueryAnswer.Succeeded.class, ask(guests));
            for (var i = 0; i < 10; i++) {
                database.asAdmin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'authenticated' AND datname = current_database()");
                assertInstanceOf(QueryAnswer.Succeeded.class, ask(guests));
            }
        }
    }

    @Test
    void findsADatabaseThatComesLater() {
        try (var postgres = TestPostgres.own()) {
            var database = GuestTestDatabase.on(postgres, 1);
            postgres.stop();
            try (var guests = database.open()) {
                assertEquals(HostError.UNAVAILABLE, failure(guests).error());
                postgres.start();
                await().atMost(Duration.ofSeconds(60)).until(() -> ask(guests) instanceof QueryAnswer.Succeeded);
            }
        }
    }

    @Test
    void runsAStatementAgainWhosePlanNoLongerFits() {
        var database = GuestTestDatabase.shared(1);
        try (var guests = database.open()) {
            var all = "SELECT * FROM notes WHERE id = 2";
            assertTrue(GuestTestDatabase.text(guests.query(user(ALICE), all, json(""), PLENTY)).contains("\"body\":\"note 2\"}"));
            database.asOwner("ALTER TABLE notes ADD COLUMN extra int DEFAULT 7");
            assertTrue(GuestTestDatabase.text(guests.query(user(ALICE), all, json(""), PLENTY)).contains("\"body\":\"note 2\",\"extra\":7}"));
        }
    }

    private static boolean isRunning(GuestTestDatabase database) throws SQLException {
        try (var admin = database.database().connectAsAdmin(); var statement = admin.createStatement();
                var rows = statement.executeQuery("SELECT FROM pg_stat_activity WHERE usename = 'authenticated' AND query LIKE '%100001) b%'")) {
            return rows.next();
        }
    }

    private static QueryAnswer ask(GuestDatabase guests) {
        return guests.query(user(ALICE), "SELECT count(*) FROM notes", json(""), PLENTY);
    }

    private static QueryAnswer.Failed failure(GuestDatabase guests) {
        return assertInstanceOf(QueryAnswer.Failed.class, ask(guests));
    }
}
