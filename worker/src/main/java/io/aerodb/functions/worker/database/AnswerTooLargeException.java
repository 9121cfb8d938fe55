package io.aerodb.functions.worker.database;

/** An answer grew beyond what a guest may get. */
final class AnswerTooLargeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    AnswerTooLargeException(int maxBytes) {
        super("the answer is larger than " + maxBytes + " bytes", null, false, false);
    }
}
