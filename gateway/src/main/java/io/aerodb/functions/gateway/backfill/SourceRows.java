package io.aerodb.functions.gateway.backfill;

import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseException;
import io.aerodb.functions.gateway.http.Problem;
import io.aerodb.functions.gateway.http.ProblemException;
import io.aerodb.functions.lifecycle.UnavailableException;
import io.aerodb.functions.source.KeyedTable;
import io.aerodb.functions.trigger.TableName;

/**
 * The rows of the application's tables.
 *
 * @param source the application's database
 */
record SourceRows(Database source) {

    private static final String PATIENCE = "SET LOCAL lock_timeout = '2s'";
    private static final String INSUFFICIENT_PRIVILEGE = "42501";
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /**
     * About how many rows a backfill will read.
     *
     * @throws ProblemException 409 if it cannot read them
     * @throws io.aerodb.functions.lifecycle.UnavailableException while the database is away
     */
    long estimate(TableName name) {
        try {
            return source.inTransaction(connection -> {
                try (var statement = connection.createStatement()) {
                    statement.execute(PATIENCE);
                }
                var table = KeyedTable.find(connection, name).orElseThrow(() -> refused("the table " + name + " is gone"));
                if (!table.hasKey()) {
                    throw refused("the table " + name + " has no primary key, by which a backfill finds its way through the rows: "
                            + "ALTER TABLE " + name.quoted() + " ADD PRIMARY KEY (…), or add a column for it with ADD COLUMN … bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY");
                }
                return table.estimatedRows(connection);
            });
        } catch (DatabaseException e) {
            throw switch (e.sqlState()) {
                case INSUFFICIENT_PRIVILEGE -> refused("the trigger bridge's role may not read the table " + name + ": " + e.getCause().getMessage());
                case LOCK_NOT_AVAILABLE -> new UnavailableException("source", "the table " + name + " is locked by others");
                default -> e;
            };
        }
    }

    private static ProblemException refused(String detail) {
        return new ProblemException(Problem.cannotBackfill(detail));
    }
}
