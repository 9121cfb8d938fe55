package io.aerodb.functions.embedded;

/** An embedded server could not do what it was asked. The message says what went wrong and what to do about it. */
public final class EmbeddedServerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public EmbeddedServerException(String message) {
        super(message);
    }

    public EmbeddedServerException(String message, Throwable cause) {
        super(message, cause);
    }
}
