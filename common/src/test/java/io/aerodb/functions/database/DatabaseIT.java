package io.aerodb.functions.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class DatabaseIT {

    @Test
    void migratesTwiceWithoutHarm() throws InterruptedException {
        try (var database = DatabaseKit.fresh()) {
            database.migrate();
            assertEquals(0L, count(database, "aerodb.functions"));
        }
    }

    @Test
    void rollsATransactionBackThatFails() throws InterruptedException {
        try (var database = DatabaseKit.fresh()) {
            assertThrows(IllegalStateException.class, () -> database.inTransaction(connection -> {
                execute(connection, "INSERT INTO aerodb.modules (hash, bytes) VALUES (encode(sha256('x'), 'hex'), 'x')");
                throw new IllegalStateException("after all");
            }));
            assertEquals(0L, count(database, "aerodb.modules"));
        }
    }

    @Test
    void storesNoModuleThatDoesNotFitItsHash() throws InterruptedException {
        try (var database = DatabaseKit.fresh()) {
            var refused = assertThrows(DatabaseException.class, () -> database.run(connection -> {
                execute(connection, "INSERT INTO aerodb.modules (hash, bytes) VALUES (encode(sha256('x'), 'hex'), 'y')");
                return null;
            }));
            assertEquals("23514", refused.sqlState());
        }
    }

    @Test
    void tellsAnOutageFromADefectAndComesBack() throws Exception {
        try (var postgres = TestPostgres.own(); var database = DatabaseKit.on(postgres.newDatabase())) {
            assertThrows(DatabaseException.class, () -> count(database, "aerodb.no_such_table"));
            postgres.stop();
            assertThrows(UnavailableException.class, () -> count(database, "aerodb.functions"));
            assertFalse(database.isReachable());
            postgres.start();
            Awaitility.await().until(database::isReachable);
            assertTrue(count(database, "aerodb.functions") >= 0);
        }
    }

    private static long count(Database database, String table) {
        return database.run(connection -> {
            try (var statement = connection.createStatement(); var rows = statement.executeQuery("SELECT count(*) FROM " + table)) {
                rows.next();
                return rows.getLong(1);
            }
        });
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
