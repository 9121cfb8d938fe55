package io.aerodb.functions.triggerbridge.capture;

/** There are changes that the slot does not tell any more: an operator has to decide what is done about them. */
public final class SlotLostException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SlotLostException(String message) {
        super(message);
    }
}
