package io.aerodb.functions.worker.wasm;

import java.util.concurrent.TimeUnit;

/** What one run reads and writes through its host calls. */
final class GuestIo {

    private static final byte[] NOTHING = {};

    private final GuestCall call;
    private final long startNanos;
    private final GuestOutput output = new GuestOutput();
    private final GuestLog log = new GuestLog();
    private byte[] result = NOTHING;

    GuestIo(GuestCall call, long startNanos) {
        this.call = call;
        this.startNanos = startNanos;
    }

    GuestCall call() {
        return call;
    }

    GuestOutput output() {
        return output;
    }

    GuestLog log() {
        return log;
    }

    /** The body of the last host call that had one, success or error. */
    byte[] result() {
        return result;
    }

    /** Keeps the body for {@code result_read}. */
    int returning(byte[] body) {
        result = body;
        return body.length;
    }

    /** Keeps the error's body for {@code result_read}. */
    int returning(HostError error, String message) {
        result = error.body(message);
        return error.number();
    }

    long elapsedMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    }
}
