package io.aerodb.functions.scheduler.batch;

import io.aerodb.functions.database.Database;

/**
 * Transactions that hold rows while they wait for Kafka. PostgreSQL ends one that stands still, whatever has become of its process, so
 * that others get at its rows.
 */
public final class Transactions {

    /** Nothing is asked while a batch is read and sent, which takes 25 s at worst. */
    private static final String LIMITS = """
            SET LOCAL idle_in_transaction_session_timeout = '30s';
            SET LOCAL statement_timeout = '10s';
            SET LOCAL lock_timeout = '5s'""";

    private final Database database;

    public Transactions(Database database) {
        this.database = database;
    }

    /** @throws io.aerodb.functions.lifecycle.UnavailableException if PostgreSQL is away, or has ended the transaction */
    public <T> T run(Database.Work<T> work) {
        return database.inTransaction(connection -> {
            try (var statement = connection.createStatement()) {
                statement.execute(LIMITS);
            }
            return work.on(connection);
        });
    }
}
