package io.aerodb.functions.cli;

/** Why a command cannot do what it was asked; one line. */
final class CommandException extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int FAILURE = 1;
    private static final int USAGE = 2;

    private final int status;

    CommandException(String message) {
        this(message, FAILURE);
    }

    private CommandException(String message, int status) {
        super(message);
        this.status = status;
    }

    /** What was asked makes no sense, or what it is about cannot be reached: nothing is known about it, good or bad. */
    static CommandException notPossible(String message) {
        return new CommandException(message, USAGE);
    }

    /** The exit status. */
    int status() {
        return status;
    }
}
