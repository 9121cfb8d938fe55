package io.aerodb.functions.admission;

import io.aerodb.functions.invocation.Outcome;

/** What the end of a call says about its function. */
public enum Verdict {
    SUCCESS,
    FAILURE,
    /** Nothing: it was not run, or how it ended is not known. */
    NEITHER;

    public static Verdict of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Succeeded _ -> SUCCESS;
            case Outcome.Failed _, Outcome.TimedOut _, Outcome.MemoryExceeded _ -> FAILURE;
            case Outcome.Rejected rejected -> switch (rejected.reason()) {
                case FUNCTION_NOT_FOUND -> NEITHER;
                case MODULE_REJECTED, UNAVAILABLE -> FAILURE;
            };
            case Outcome.Expired _ -> NEITHER;
        };
    }
}
