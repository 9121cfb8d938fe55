package io.aerodb.functions.worker.database;

/** What the guest handed in cannot be sent to a database at all. */
final class InvalidQueryException extends Exception {

    private static final long serialVersionUID = 1L;

    InvalidQueryException(String message) {
        super(message);
    }
}
