package io.aerodb.functions.worker.wasm;

import static io.aerodb.functions.worker.wasm.HostCall.unsigned;

import java.nio.ByteBuffer;

/**
 * One of the things that a guest polls for.
 *
 * @param userData what the guest knows it by
 * @param type as the guest gave it
 * @param waitNanos until its event; 0 if that has happened already
 * @param errno of the event
 * @param available how many bytes can be read, of a stream that is read
 */
record WasiSubscription(long userData, byte type, long waitNanos, WasiErrno errno, long available) {

    static final int BYTES = 48;
    static final int EVENT_BYTES = 32;

    private static final byte CLOCK = 0;
    private static final byte READ = 1;
    private static final byte WRITE = 2;
    private static final int TYPE_OFFSET = 8;
    /** Of the clock, or of the descriptor. */
    private static final int SUBJECT_OFFSET = 16;
    private static final int TIMEOUT_OFFSET = 24;
    private static final int FLAGS_OFFSET = 40;
    private static final int ABSOLUTE = 1;
    private static final int PADDING_BYTES = 5;

    static WasiSubscription read(GuestRun run, ByteBuffer buffer, int at) {
        var userData = buffer.getLong(at);
        var type = buffer.get(at + TYPE_OFFSET);
        var subject = unsigned(buffer.getInt(at + SUBJECT_OFFSET));
        if (type == CLOCK && WasiClock.exists(subject)) {
            var isAbsolute = (buffer.getShort(at + FLAGS_OFFSET) & ABSOLUTE) != 0;
            var wait = wait(buffer.getLong(at + TIMEOUT_OFFSET), isAbsolute ? WasiClock.now(run, subject) : 0);
            return new WasiSubscription(userData, type, wait, WasiErrno.SUCCESS, 0);
        }
        if (type == READ && run.streams().isReadable(subject)) {
            return new WasiSubscription(userData, type, 0, WasiErrno.SUCCESS, run.streams().unread());
        }
        if (type == WRITE && run.streams().isWritable(subject)) {
            return new WasiSubscription(userData, type, 0, WasiErrno.SUCCESS, 0);
        }
        var isStream = type == READ || type == WRITE;
        return new WasiSubscription(userData, type, 0, isStream ? WasiErrno.BAD_DESCRIPTOR : WasiErrno.INVALID, 0);
    }

    void putEvent(ByteBuffer events) {
        events.putLong(userData)
                .putShort((short) errno.number())
                .put(type)
                .put(new byte[PADDING_BYTES])
                .putLong(available)
                .putLong(0);
    }

    /** @param timeout unsigned; one that does not fit into a long is further off than any deadline */
    private static long wait(long timeout, long now) {
        return timeout < 0 ? Long.MAX_VALUE : Math.max(0, timeout - now);
    }
}
