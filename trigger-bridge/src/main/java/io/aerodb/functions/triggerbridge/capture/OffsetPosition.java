package io.aerodb.functions.triggerbridge.capture;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/** How far the log was read, as Debezium keeps it. */
final class OffsetPosition {

    private static final JsonMapper MAPPER = new JsonMapper();

    private OffsetPosition() {}

    /** Before anything was read. @param lsn where reading begins */
    static byte[] beginning(long lsn) {
        return ("{\"lsn\":" + lsn + ",\"ts_usec\":0}").getBytes(StandardCharsets.UTF_8);
    }

    /** The furthest place in the log that was read: the server was told at most that we are done with what is before it. */
    static long of(byte[] offset) {
        try {
            var read = MAPPER.readTree(offset);
            return Stream.of("lsn", "lsn_proc", "lsn_commit").mapToLong(name -> read.path(name).asLong()).max().orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException("aerodb.bridge_offsets has an offset that is no JSON", e);
        }
    }
}
