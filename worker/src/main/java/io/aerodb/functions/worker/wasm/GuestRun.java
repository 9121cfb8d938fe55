package io.aerodb.functions.worker.wasm;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** One run: what it was given, what its host calls have done so far, and what it may still use. */
final class GuestRun {

    private static final byte[] NOTHING = {};

    private final GuestCall call;
    private final MemoryAccount memory;
    private final long startNanos;
    private final GuestOutput output = new GuestOutput(size -> keep(size, this.result.length));
    private final GuestLog log = new GuestLog();
    private final ErrorLines errors = new ErrorLines(log, this::elapsedMillis);
    private final StandardStreams streams;
    private byte[] result = NOTHING;

    GuestRun(GuestCall call, MemoryAccount memory, long startNanos) {
        this.call = call;
        this.memory = memory;
        this.startNanos = startNanos;
        this.streams = new StandardStreams(call.input(), output, errors);
    }

    GuestCall call() {
        return call;
    }

    MemoryAccount memory() {
        return memory;
    }

    GuestOutput output() {
        return output;
    }

    GuestLog log() {
        return log;
    }

    StandardStreams streams() {
        return streams;
    }

    /** Logs what of the guest's standard error is still no line. */
    void end() {
        errors.end();
    }

    /** The body of the last host call that had one, success or error. */
    byte[] result() {
        return result;
    }

    /**
     * Keeps the body for {@code result_read}.
     *
     * @throws GuestAbort if there is no memory for it
     */
    int returning(HostAnswer answer) {
        keep(output.size(), answer.body().length);
        result = answer.body();
        return answer.number();
    }

    /** The array that an output grows in is up to twice as large. */
    private void keep(long outputBytes, long resultBytes) {
        if (!memory.keep(2 * outputBytes + resultBytes)) {
            throw new GuestAbort("there was no memory for the function's output or for the answer of a host call");
        }
    }

    long elapsedMillis() {
        return TimeUnit.NANOSECONDS.toMillis(elapsedNanos());
    }

    long elapsedNanos() {
        return System.nanoTime() - startNanos;
    }

    /** When the run is to have ended, as {@link System#nanoTime} tells it. */
    long endNanos() {
        return startNanos + call.wallClock().toNanos();
    }

    /** Until the run is to have ended; not positive if that moment has passed. */
    Duration remaining() {
        return Duration.ofNanos(endNanos() - System.nanoTime());
    }
}
