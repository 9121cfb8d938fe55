package io.aerodb.functions.database;

import java.sql.SQLException;
import java.util.Set;

/** PostgreSQL refused a statement of ours: a defect, not an outage. */
public final class DatabaseException extends RuntimeException {

    private static final long serialVersionUID = 1L;
    /** Classes of SQLSTATEs: cardinality violation, data exception, integrity constraint violation, program limit exceeded. */
    private static final Set<String> DATA = Set.of("21", "22", "23", "54");

    DatabaseException(SQLException cause) {
        super("PostgreSQL refused a statement (" + cause.getSQLState() + ")", cause);
    }

    /** Whether it is the values that PostgreSQL does not take, so that the same statement with others may succeed; else it may later. */
    public boolean isAboutValues() {
        return DATA.contains(sqlState().substring(0, Math.min(2, sqlState().length())));
    }

    /** The five-character SQLSTATE, empty where there is none. */
    public String sqlState() {
        return getCause() instanceof SQLException e && e.getSQLState() != null ? e.getSQLState() : "";
    }
}
