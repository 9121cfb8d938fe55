package io.aerodb.functions.triggerbridge.backfill;

import org.jspecify.annotations.Nullable;

/** The rows of a table could not be read. The message is for whoever wanted that. */
final class UnreadableTableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean passing;

    private UnreadableTableException(String message, @Nullable Exception cause, boolean passing) {
        super(message, cause);
        this.passing = passing;
    }

    /** They never will be by trying again. */
    static UnreadableTableException lasting(String message, @Nullable Exception cause) {
        return new UnreadableTableException(message, cause, false);
    }

    /** Something is in the way for now. */
    static UnreadableTableException passing(String message, Exception cause) {
        return new UnreadableTableException(message, cause, true);
    }

    boolean isPassing() {
        return passing;
    }
}
