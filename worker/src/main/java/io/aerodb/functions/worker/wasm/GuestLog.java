package io.aerodb.functions.worker.wasm;

import io.aerodb.functions.invocation.LogLine;
import io.aerodb.functions.invocation.LogLine.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a function logs, up to a limit of bytes and, as empty lines cost too, of lines; the rest is dropped. */
final class GuestLog {

    static final int MAX_BYTES = 64 * 1024;
    static final int MAX_LINES = 2_000;

    private static final Level[] LEVELS = Level.values();

    private final List<LogLine> lines = new ArrayList<>();
    private int room = MAX_BYTES;
    private boolean truncated;

    /** How many more bytes are kept. */
    int room() {
        return room;
    }

    /**
     * @param level as the guest gave it; one that does not exist becomes the nearest that does
     * @param text in UTF-8, where what is not becomes U+FFFD; cut if it is longer than the room left, and the log ends with it
     */
    void add(int level, long offsetMillis, byte[] text) {
        if (truncated || lines.size() == MAX_LINES) {
            truncated = true;
            return;
        }
        var kept = text.length;
        if (kept > room) {
            truncated = true;
            kept = endOfCharacterBefore(text, room);
        }
        room -= kept;
        if (kept > 0 || !truncated) {
            var message = new String(text, 0, kept, StandardCharsets.UTF_8);
            lines.add(new LogLine(LEVELS[Math.clamp(level, 0, LEVELS.length - 1)], offsetMillis, message));
        }
    }

    List<LogLine> lines() {
        return lines;
    }

    boolean truncated() {
        return truncated;
    }

    private static int endOfCharacterBefore(byte[] utf8, int end) {
        var cut = end;
        while (cut > 0 && end - cut < 3 && (utf8[cut] & 0xC0) == 0x80) {
            cut--;
        }
        return cut;
    }
}
