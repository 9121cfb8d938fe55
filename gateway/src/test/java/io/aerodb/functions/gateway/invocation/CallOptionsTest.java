package io.aerodb.functions.gateway.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallOptionsTest {

    @ParameterizedTest
    @ValueSource(strings = {"respond-async", "Respond-Async", "return=minimal, respond-async", "respond-async; foo=bar", "wait=10,respond-async",
        " respond-async ", "respond-async=\"\""})
    void hearsThePreferenceAmongOthers(String header) {
        assertTrue(CallOptions.prefersAsync(List.of(header)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "return=minimal", "respond-asynchronously", "wait=10; respond-async", "x-respond-async", "handling=respond-async"})
    void passesOverOtherPreferences(String header) {
        assertFalse(CallOptions.prefersAsync(List.of(header)));
    }

    @Test
    void readsAHeaderThatIsRepeated() {
        assertTrue(CallOptions.prefersAsync(List.of("return=minimal", "respond-async")));
        assertEquals(false, CallOptions.prefersAsync(List.of()));
    }
}
