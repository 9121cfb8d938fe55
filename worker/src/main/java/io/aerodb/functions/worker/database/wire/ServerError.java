package io.aerodb.functions.worker.database.wire;

/**
 * What PostgreSQL said against a statement or a connection, without its DETAIL, HINT and CONTEXT.
 *
 * @param severity {@code ERROR}, {@code FATAL} or {@code PANIC}; after the last two the connection is gone
 * @param sqlState five characters
 */
public record ServerError(String severity, String sqlState, String message) {

    public boolean endsConnection() {
        return !severity.equals("ERROR");
    }

    @Override
    public String toString() {
        return severity + " " + sqlState + ": " + message;
    }
}
