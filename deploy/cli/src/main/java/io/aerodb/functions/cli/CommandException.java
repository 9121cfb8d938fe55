package io.aerodb.functions.cli;

/** Why a command cannot do what it was asked; one line. */
final class CommandException extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int FAILURE = 1;
    private static final int USAGE = 2;

    private final int status;
    private final boolean away;

    CommandException(String message) {
        this(message, FAILURE, false);
    }

    private CommandException(String message, int status, boolean away) {
        super(message);
        this.status = status;
        this.away = away;
    }

    /** The gateway does not answer, or asks to be tried again later. */
    static CommandException away(String message) {
        return new CommandException(message, FAILURE, true);
    }

    /** What was asked makes no sense, or what it is about cannot be reached: nothing is known about it, good or bad. */
    static CommandException notPossible(String message) {
        return new CommandException(message, USAGE, false);
    }

    /** Whether the same may succeed later. */
    boolean isAway() {
        return away;
    }

    /** The exit status. */
    int status() {
        return status;
    }
}
