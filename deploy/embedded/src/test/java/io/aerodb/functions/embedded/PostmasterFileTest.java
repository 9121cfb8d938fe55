package io.aerodb.functions.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PostmasterFileTest {

    private static final List<String> STARTING =
            List.of("4711", "/data", "1700000000", "15432", "", "127.0.0.1", "  1 2");

    @Test
    void isReadyOnlyWhenTheServerSaysSo() {
        assertEquals(Optional.of(new PostmasterFile(4711, "")), PostmasterFile.parse(STARTING));
        assertFalse(withStatus("starting").isReady());
        assertTrue(withStatus("ready   ").isReady());
    }

    @Test
    void isAbsentWhileItIsBeingWritten() {
        assertEquals(Optional.empty(), PostmasterFile.parse(List.of()));
        assertEquals(Optional.empty(), PostmasterFile.parse(List.of("")));
        assertEquals(Optional.empty(), PostmasterFile.parse(List.of("garbage")));
    }

    private static PostmasterFile withStatus(String status) {
        var lines = new ArrayList<>(STARTING);
        lines.add(status);
        return PostmasterFile.parse(lines).orElseThrow();
    }
}
