package io.aerodb.functions.kafka;

/** A record that is not what its topic holds; the message says why, without its content. */
public final class UnreadableRecordException extends Exception {

    private static final long serialVersionUID = 1L;

    UnreadableRecordException(String reason) {
        super(reason);
    }
}
