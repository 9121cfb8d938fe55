package io.aerodb.functions.compiler.child;

/** The engine does not take a module; the message says why. */
final class InvalidModuleException extends Exception {

    private static final long serialVersionUID = 1L;
    private static final int MAX_MESSAGE = 500;

    InvalidModuleException(String message) {
        super(message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "…");
    }
}
