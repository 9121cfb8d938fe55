package io.aerodb.functions.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class SharedAndOwnPostgresIT {

    @Test
    void theSharedServerIsOneForTheWholeJvmAndCannotBeStopped() {
        var postgres = TestPostgres.shared();
        assertSame(postgres, TestPostgres.shared());
        assertThrows(IllegalStateException.class, postgres::stop);
        assertThrows(IllegalStateException.class, postgres::kill);
        assertThrows(IllegalStateException.class, postgres::close);
    }

    @Test
    void everyDatabaseIsNewAndItsOwnersAlone() throws Exception {
        var one = TestPostgres.shared().newDatabase();
        var other = TestPostgres.shared().newDatabase();
        assertNotEquals(one.name(), other.name());
        assertNotEquals(one.user(), other.user());
        try (var connection = one.connect()) {
            assertEquals(one.user(), ask(connection, "select current_user"));
            assertEquals("f", ask(connection, "select rolsuper from pg_roles where rolname = current_user"));
            ask(connection, "create table mine (id int)");
            ask(connection, "create schema aerodb");
        }
    }

    @Test
    void theAdministratorIsASuperuserInTheSameDatabase() throws Exception {
        var database = TestPostgres.shared().newDatabase();
        try (var connection = database.connectAsAdmin()) {
            assertEquals(database.name(), ask(connection, "select current_database()"));
            assertEquals("t", ask(connection, "select rolsuper from pg_roles where rolname = current_user"));
        }
    }

    @Test
    void decodesLogicallyAndCommitsDurably() throws Exception {
        try (var connection = TestPostgres.shared().newDatabase().connectAsAdmin()) {
            assertEquals("logical", ask(connection, "show wal_level"));
            assertEquals("on", ask(connection, "show fsync"));
            ask(connection, "select pg_create_logical_replication_slot(current_database(), 'pgoutput')");
        }
    }

    @Test
    void anOwnServerKeepsItsAddressAndItsDataOverOutageAndCrash() throws Exception {
        try (var postgres = TestPostgres.own()) {
            var database = postgres.newDatabase();
            try (var connection = database.connect()) {
                ask(connection, "create table kept as select 42 as answer");
            }
            postgres.stop();
            assertThrows(SQLException.class, () -> database.connect().close());
            postgres.start();
            postgres.kill();
            assertThrows(SQLException.class, () -> database.connect().close());
            postgres.start();
            try (var connection = database.connect()) {
                assertEquals("42", ask(connection, "select answer from kept"));
            }
        }
    }

    @Test
    void anOwnServerThatIsPausedAnswersWhenItGoesOn() throws Exception {
        try (var postgres = TestPostgres.own(); var connection = postgres.newDatabase().connect(); var asking = Executors.newSingleThreadExecutor()) {
            postgres.pause();
            var answer = asking.submit(() -> ask(connection, "select 42"));
            assertThrows(TimeoutException.class, () -> answer.get(1, TimeUnit.SECONDS));
            postgres.resume();
            assertEquals("42", answer.get(60, TimeUnit.SECONDS));
        }
        assertThrows(IllegalStateException.class, TestPostgres.shared()::pause);
    }

    /** The first column of the first row, or nothing for a statement that has no rows. */
    private static String ask(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            var rows = statement.getResultSet();
            rows.next();
            return rows.getString(1);
        }
    }
}
