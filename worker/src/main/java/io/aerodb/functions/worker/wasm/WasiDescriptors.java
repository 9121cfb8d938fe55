package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.HostCall.unsigned;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The calls on descriptors that do something. */
final class WasiDescriptors {

    private static final int STATUS_BYTES = 24;
    private static final int FILE_STATUS_BYTES = 64;
    private static final int RIGHTS_OFFSET = 8;
    private static final long RIGHT_TO_READ = 1 << 1;
    private static final long RIGHT_TO_WRITE = 1 << 6;
    /** The sum of one call's lengths has to fit into a positive int. */
    private static final long MAX_BYTES_A_CALL = Integer.MAX_VALUE;

    private WasiDescriptors() {}

    static WasiErrno close(GuestRun run, LinearMemory memory, long[] args) {
        if (!run.streams().isOpen(unsigned(args[0]))) {
            return WasiErrno.BAD_DESCRIPTOR;
        }
        run.streams().close(unsigned(args[0]));
        return WasiErrno.SUCCESS;
    }

    static WasiErrno read(GuestRun run, LinearMemory memory, long[] args) {
        var streams = run.streams();
        if (!streams.isReadable(unsigned(args[0]))) {
            return WasiErrno.BAD_DESCRIPTOR;
        }
        memory.requireInside(unsigned(args[3]), Integer.BYTES);
        var buffers = WasiBuffers.at(memory, unsigned(args[1]), unsigned(args[2]));
        var done = 0;
        for (var i = 0; i < buffers.count() && streams.unread() > 0; i++) {
            done += streams.read(memory, buffers.pointer(i), buffers.length(i));
        }
        memory.putI32(unsigned(args[3]), done);
        return WasiErrno.SUCCESS;
    }

    static WasiErrno write(GuestRun run, LinearMemory memory, long[] args) {
        var descriptor = unsigned(args[0]);
        if (!run.streams().isWritable(descriptor)) {
            return WasiErrno.BAD_DESCRIPTOR;
        }
        memory.requireInside(unsigned(args[3]), Integer.BYTES);
        var buffers = WasiBuffers.at(memory, unsigned(args[1]), unsigned(args[2]));
        var done = 0L;
        for (var i = 0; i < buffers.count() && done < MAX_BYTES_A_CALL; i++) {
            var length = Math.min(buffers.length(i), MAX_BYTES_A_CALL - done);
            run.streams().write(descriptor, memory, buffers.pointer(i), length);
            done += length;
        }
        memory.putI32(unsigned(args[3]), (int) done);
        return WasiErrno.SUCCESS;
    }

    /**
     * Like a pipe's: of no known type, without flags. A character device would be taken for a terminal, by interpreters that then
     * prompt for input and by C's library, which then writes line by line.
     */
    static WasiErrno status(GuestRun run, LinearMemory memory, long[] args) {
        var descriptor = unsigned(args[0]);
        if (!run.streams().isOpen(descriptor)) {
            return WasiErrno.BAD_DESCRIPTOR;
        }
        var status = ByteBuffer.allocate(STATUS_BYTES).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(RIGHTS_OFFSET, run.streams().isReadable(descriptor) ? RIGHT_TO_READ : RIGHT_TO_WRITE);
        memory.putAt(unsigned(args[1]), status.array(), STATUS_BYTES);
        return WasiErrno.SUCCESS;
    }

    /** All zeros: no device, no size, no times, and the type as in {@link #status}. */
    static WasiErrno fileStatus(GuestRun run, LinearMemory memory, long[] args) {
        if (!run.streams().isOpen(unsigned(args[0]))) {
            return WasiErrno.BAD_DESCRIPTOR;
        }
        memory.putAt(unsigned(args[1]), new byte[FILE_STATUS_BYTES], FILE_STATUS_BYTES);
        return WasiErrno.SUCCESS;
    }
}
