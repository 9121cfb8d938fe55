package io.aerodb.functions.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {

    private static final String SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @ParameterizedTest
    @ValueSource(strings = {
        SAMPLED, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
        "fe-00000000000000000000000000000001-0000000000000001-ff"})
    void carriesOnWhatIsWellFormed(String header) {
        assertEquals(Optional.of(new TraceContext(header, "vendor=1")), TraceContext.of(header, "vendor=1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
        "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
        " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01"})
    void dropsWhatIsNot(String header) {
        assertEquals(Optional.empty(), TraceContext.of(header, "vendor=1"));
        assertThrows(IllegalArgumentException.class, () -> new TraceContext(header, null));
    }

    @Test
    void dropsWhatIsMissing() {
        assertEquals(Optional.empty(), TraceContext.of(null, "vendor=1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "zoë=1", "a=1\nb=2"})
    void leavesOutAStateThatIsNotWellFormed(String state) {
        assertEquals(Optional.of(new TraceContext(SAMPLED, null)), TraceContext.of(SAMPLED, state));
        assertEquals(Optional.of(new TraceContext(SAMPLED, null)), TraceContext.of(SAMPLED, "a=" + "x".repeat(511)));
    }

    @Test
    void tellsTheTraceAndWhetherItIsKept() {
        var sampled = new TraceContext(SAMPLED, null);
        assertEquals("0af7651916cd43dd8448eb211c80319c", sampled.traceId());
        assertTrue(sampled.isSampled());
        assertFalse(new TraceContext(SAMPLED.substring(0, 53) + "02", null).isSampled());
    }
}
