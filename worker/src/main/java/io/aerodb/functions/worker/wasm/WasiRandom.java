package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.HostCall.unsigned;

import java.security.SecureRandom;

/** Random bytes that nobody can predict. */
final class WasiRandom {

    private static final SecureRandom SOURCE = new SecureRandom();
    private static final int PIECE_BYTES = 64 * 1024;

    private WasiRandom() {}

    /** The source is chosen, loaded and seeded at its first use, which takes more stack than a guest may have left. */
    static void warmUp() {
        SOURCE.nextBytes(new byte[1]);
    }

    /** As many as the guest wants, in pieces between which its deadline is looked at. */
    static WasiErrno get(GuestRun run, LinearMemory memory, long[] args) throws InterruptedException {
        // all guests share the source: it must not fail half-way for one who is at the edge of its stack
        StackHeadroom.proveForService();
        var pointer = unsigned(args[0]);
        var length = unsigned(args[1]);
        memory.requireInside(pointer, length);
        var piece = new byte[(int) Math.min(length, PIECE_BYTES)];
        for (var done = 0L; done < length; done += piece.length) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            SOURCE.nextBytes(piece);
            memory.putAt(pointer + done, piece, (int) Math.min(piece.length, length - done));
        }
        return WasiErrno.SUCCESS;
    }
}
