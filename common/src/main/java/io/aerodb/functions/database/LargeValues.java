package io.aerodb.functions.database;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.postgresql.PGStatement;

/** For statements that read megabytes of {@code bytea}. */
public final class LargeValues {

    private LargeValues() {}

    /**
     * Lets the values come as bytes at once. The driver otherwise has a connection's first few of them come as hexadecimal text, which
     * takes three times the memory. Does nothing if another driver made the statement.
     */
    public static PreparedStatement inBinary(PreparedStatement statement) throws SQLException {
        if (statement.isWrapperFor(PGStatement.class)) {
            statement.unwrap(PGStatement.class).setPrepareThreshold(-1);
        }
        return statement;
    }
}
