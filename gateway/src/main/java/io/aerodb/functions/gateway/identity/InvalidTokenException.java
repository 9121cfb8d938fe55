package io.aerodb.functions.gateway.identity;

/** A token that is not believed; the message says why, without showing any of it. */
public final class InvalidTokenException extends Exception {

    private static final long serialVersionUID = 1L;

    InvalidTokenException(String reason) {
        super(reason);
    }
}
