package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.HostCall.unsigned;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * The clocks. All but the wall clock tell how long the run has lasted: how long the machine has been up is none of the guest's business,
 * and a run has no processor time of its own that could be told at a bearable price.
 */
final class WasiClock {

    static final int REALTIME = 0;
    /** Monotonic, the process's and the thread's processor time. */
    private static final int LAST = 3;
    /**
     * Coarse, because guests share a process with each other and with their host, and a fine clock is what attacks by timing need. It is
     * also where the monotonic clock begins: some programs take a zero for a clock that does not work.
     */
    static final long RESOLUTION_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private WasiClock() {}

    static WasiErrno resolution(GuestRun run, LinearMemory memory, long[] args) {
        if (!exists(unsigned(args[0]))) {
            return WasiErrno.INVALID;
        }
        memory.putI64(unsigned(args[1]), RESOLUTION_NANOS);
        return WasiErrno.SUCCESS;
    }

    static WasiErrno time(GuestRun run, LinearMemory memory, long[] args) {
        var clock = unsigned(args[0]);
        if (!exists(clock)) {
            return WasiErrno.INVALID;
        }
        memory.putI64(unsigned(args[2]), now(run, clock));
        return WasiErrno.SUCCESS;
    }

    static boolean exists(long clock) {
        return clock <= LAST;
    }

    /** In nanoseconds, of a clock that exists. */
    static long now(GuestRun run, long clock) {
        if (clock == REALTIME) {
            var now = Instant.now();
            return coarse(TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano());
        }
        return coarse(run.elapsedNanos()) + RESOLUTION_NANOS;
    }

    private static long coarse(long nanos) {
        return nanos - nanos % RESOLUTION_NANOS;
    }
}
