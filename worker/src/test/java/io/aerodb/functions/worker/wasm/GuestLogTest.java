package io.aerodb.functions.worker.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.invocation.LogLine;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class GuestLogTest {

    @Test
    void cutsBetweenCharacters() {
        var log = new GuestLog();
        log.add(1, 0, "x".repeat(GuestLog.MAX_BYTES - 2).getBytes(StandardCharsets.UTF_8));
        log.add(1, 0, "a€".getBytes(StandardCharsets.UTF_8));
        assertTrue(log.truncated());
        assertEquals(new LogLine(LogLine.Level.INFO, 0, "a"), log.lines().getLast());
        log.add(1, 0, "b".getBytes(StandardCharsets.UTF_8));
        assertEquals(2, log.lines().size());
    }
}
