package io.aerodb.functions.worker.wasm;

import java.io.ByteArrayOutputStream;
import java.util.function.LongSupplier;

/** Makes lines of the log from what a guest writes to its standard error, in pieces as they come. */
final class ErrorLines {

    /** All that a program has to say goes to its standard error, so nothing is known of how grave it is. */
    private static final int LEVEL = 1;
    private static final int PIECE_BYTES = 4096;

    private final GuestLog log;
    private final LongSupplier elapsedMillis;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(0);

    /** @param elapsedMillis since the run began */
    ErrorLines(GuestLog log, LongSupplier elapsedMillis) {
        this.log = log;
        this.elapsedMillis = elapsedMillis;
    }

    /** Of a range that is inside of the memory. Once the log is full, the rest is dropped unread. */
    void append(LinearMemory memory, long pointer, long length) {
        for (var done = 0L; done < length && !log.truncated(); done += PIECE_BYTES) {
            append(memory.bytesAt(pointer + done, Math.min(PIECE_BYTES, length - done)));
        }
    }

    /** Logs a last line that has no end. */
    void end() {
        if (line.size() > 0) {
            endLine();
        }
    }

    private void append(byte[] bytes) {
        var start = 0;
        for (var i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                line.write(bytes, start, i - start);
                endLine();
                start = i + 1;
            }
        }
        line.write(bytes, start, bytes.length - start);
        if (line.size() > log.room()) {
            endLine();
        }
    }

    private void endLine() {
        log.add(LEVEL, elapsedMillis.getAsLong(), line.toByteArray());
        line.reset();
    }
}
