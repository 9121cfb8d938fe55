package io.aerodb.functions.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.function.FunctionName;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class FunctionStatesTest {

    private final List<AtomicBoolean> forgotten = new ArrayList<>();
    /** Of each function, whether it is worth remembering. */
    private final FunctionStates<AtomicBoolean> states = new FunctionStates<>(_ -> new AtomicBoolean(), state -> !state.get(), forgotten::add);

    @Test
    void remembersWhatIsWorthIt() {
        for (var i = 0; i < 1000; i++) {
            states.of(name(i)).set(true);
        }
        assertEquals(1000, states.size());
        assertTrue(states.of(name(7)).get());
        assertEquals(List.of(), forgotten);
    }

    @Test
    void holdsLittleThatIsAsGoodAsNew() {
        for (var i = 0; i < 100_000; i++) {
            states.of(name(i));
        }
        assertTrue(states.size() <= FunctionStates.SWEEP_FROM, () -> "" + states.size());
        assertEquals(100_000, forgotten.size() + states.size());
    }

    @Test
    void shrinksAgainAfterAPeak() {
        for (var i = 0; i < 10_000; i++) {
            states.of(name(i)).set(true);
        }
        for (var i = 0; i < 10_000; i++) {
            states.of(name(i)).set(false);
        }
        for (var i = 10_000; i < 40_000; i++) {
            states.of(name(i));
        }
        assertTrue(states.size() <= FunctionStates.SWEEP_FROM, () -> "" + states.size());
    }

    @Test
    void forgetsWhatItIsToldTo() {
        var state = states.of(name(1));
        states.forget(name(1));
        states.forget(name(1));
        assertEquals(1, forgotten.size());
        assertSame(state, forgotten.getFirst());
        assertTrue(states.known(name(1)).isEmpty());
    }

    private static FunctionName name(int number) {
        return new FunctionName("f" + number);
    }
}
