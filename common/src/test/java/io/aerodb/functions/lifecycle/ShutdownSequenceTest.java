package io.aerodb.functions.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShutdownSequenceTest {

    private final List<String> stopped = new ArrayList<>();
    private final ShutdownSequence sequence = new ShutdownSequence();

    @Test
    void stopsInTheReverseOrder() {
        add("database");
        add("server");
        sequence.close();
        assertEquals(List.of("server", "database"), stopped);
    }

    @Test
    void goesOnWhenAPartCannotBeStopped() {
        add("database");
        sequence.add("broken", () -> {
            throw new IllegalStateException("stuck");
        });
        sequence.close();
        assertEquals(List.of("database"), stopped);
    }

    @Test
    void stopsEverythingOnce() {
        add("database");
        sequence.close();
        sequence.close();
        assertEquals(List.of("database"), stopped);
    }

    private void add(String name) {
        sequence.add(name, () -> stopped.add(name));
    }
}
