package io.aerodb.functions.worker.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeyOrderTest {

    private final KeyOrder keys = new KeyOrder();
    private final LaneRecord first = LaneRecord.of(Records.keyed(1, "k"));
    private final LaneRecord second = LaneRecord.of(Records.keyed(2, "k"));
    private final LaneRecord third = LaneRecord.of(Records.keyed(3, "k"));

    @Test
    void letsRecordsOfOneKeyGoOneAfterAnother() {
        assertTrue(keys.enter(first));
        assertFalse(keys.enter(second));
        assertFalse(keys.enter(third));
        assertEquals(Optional.of(second), keys.leave(first));
        assertEquals(Optional.of(third), keys.leave(second));
        assertEquals(Optional.empty(), keys.leave(third));
        assertTrue(keys.enter(first));
    }

    @Test
    void letsRecordsOfDifferentKeysAndWithoutAKeyGoSideBySide() {
        assertTrue(keys.enter(first));
        assertTrue(keys.enter(LaneRecord.of(Records.keyed(4, "other"))));
        assertTrue(keys.enter(LaneRecord.of(Records.at(5))));
        assertTrue(keys.enter(LaneRecord.of(Records.at(6))));
    }

    @Test
    void takesOutOneThatWasDoneBeforeItsTurn() {
        keys.enter(first);
        keys.enter(second);
        keys.enter(third);
        assertEquals(Optional.empty(), keys.leave(second));
        assertEquals(Optional.of(third), keys.leave(first));
    }

    @Test
    void knowsNothingOfAPartitionItHasForgotten() {
        keys.enter(first);
        keys.enter(second);
        keys.forget(Records.FIRST);
        assertEquals(Optional.empty(), keys.leave(first));
        assertTrue(keys.enter(second));
    }
}
