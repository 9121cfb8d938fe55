package io.aerodb.functions.worker.database.wire;

import java.io.IOException;

/** A message says that it is longer than the reader is willing to hold. Nothing of it has been read. */
public final class MessageTooLargeException extends IOException {

    private static final long serialVersionUID = 1L;

    MessageTooLargeException(char type, int length) {
        super("a message '" + type + "' of " + length + " bytes");
    }
}
