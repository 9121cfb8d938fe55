package io.aerodb.functions.cli;

/** Why a command cannot do what it was asked; one line. */
final class CommandException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CommandException(String message) {
        super(message);
    }
}
