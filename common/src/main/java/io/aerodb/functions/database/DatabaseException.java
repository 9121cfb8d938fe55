package io.aerodb.functions.database;

import java.sql.SQLException;

/** PostgreSQL refused a statement of ours: a defect, not an outage. */
public final class DatabaseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DatabaseException(SQLException cause) {
        super("PostgreSQL refused a statement (" + cause.getSQLState() + ")", cause);
    }

    /** The five-character SQLSTATE, empty where there is none. */
    public String sqlState() {
        return getCause() instanceof SQLException e && e.getSQLState() != null ? e.getSQLState() : "";
    }
}
