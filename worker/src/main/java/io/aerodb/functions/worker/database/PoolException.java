package io.aerodb.functions.worker.database;

/** No session can be had. */
final class PoolException extends Exception {

    private static final long serialVersionUID = 1L;

    private final QueryError error;

    PoolException(QueryError error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    QueryError error() {
        return error;
    }
}
