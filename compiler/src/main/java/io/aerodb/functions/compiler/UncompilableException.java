package io.aerodb.functions.compiler;

/** A module cannot be compiled, or not within the limits; the message, fit to be shown to its author, says why. */
public final class UncompilableException extends Exception {

    private static final long serialVersionUID = 1L;

    UncompilableException(String message) {
        super(message);
    }
}
