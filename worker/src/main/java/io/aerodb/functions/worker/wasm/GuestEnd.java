package io.aerodb.functions.worker.wasm;

import org.jspecify.annotations.Nullable;

/**
 * How a run ends before its function returns. None of these is one of an engine's exceptions, so no guest code can catch it, and an
 * engine translates its own into these.
 */
abstract sealed class GuestEnd extends RuntimeException
        permits GuestAbort, GuestExit, GuestInterrupted, GuestStackExhausted, HostFault {

    private static final long serialVersionUID = 1L;

    GuestEnd(String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
    }
}
