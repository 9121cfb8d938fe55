package io.aerodb.functions.triggerbridge.capture;

/** How far the handling of some changes is that follow each other in the log. */
public interface Handled {

    /**
     * Whether all that follows from them is durable.
     *
     * @throws RuntimeException if it never will be
     */
    boolean isDurable();

    /** Whether reading may begin behind them: nothing is told together that stands before and behind this place. Asked once they are durable. */
    boolean isBoundary();

    /** Whether it is known from the beginning that reading may begin behind them. */
    boolean isSettled();
}
