package io.aerodb.functions.function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AbsentNamesTest {

    private static final FunctionName HELLO = new FunctionName("hello");

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);
    private final AbsentNames names = new AbsentNames(nanos::get);

    @Test
    void believesOnlyWhatWasSaidOftenWithinASecond() {
        add(AbsentNames.ASKED_OFTEN - 1);
        assertFalse(names.contains(HELLO));
        add(1);
        assertTrue(names.contains(HELLO));
        nanos.addAndGet(999_999_999);
        assertTrue(names.contains(HELLO));
        nanos.addAndGet(1);
        assertFalse(names.contains(HELLO));
        add(AbsentNames.ASKED_OFTEN - 1);
        assertFalse(names.contains(HELLO), "a new second begins at nothing");
    }

    @Test
    void believesNothingOfANameThatIsAnnounced() {
        add(AbsentNames.ASKED_OFTEN);
        names.remove(HELLO);
        assertFalse(names.contains(HELLO));
        add(AbsentNames.ASKED_OFTEN);
        names.clear();
        assertFalse(names.contains(HELLO));
    }

    @Test
    void remembersABoundedNumberOfNames() {
        for (var i = 0; i < 3 * AbsentNames.MOST_NAMES; i++) {
            names.add(new FunctionName("f" + i));
        }
        assertEquals(AbsentNames.MOST_NAMES, names.size());
        nanos.addAndGet(1_000_000_000);
        add(AbsentNames.ASKED_OFTEN);
        assertTrue(names.contains(HELLO));
        assertEquals(1, names.size());
    }

    private void add(int times) {
        for (var i = 0; i < times; i++) {
            names.add(HELLO);
        }
    }
}
