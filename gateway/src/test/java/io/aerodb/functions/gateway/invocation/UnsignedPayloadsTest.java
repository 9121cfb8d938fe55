package io.aerodb.functions.gateway.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.function.FunctionName;
import io.aerodb.functions.gateway.http.ProblemException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UnsignedPayloadsTest {

    private static final FunctionName ONE = new FunctionName("one");
    private static final FunctionName OTHER = new FunctionName("other");

    private final AtomicInteger refused = new AtomicInteger();

    @Test
    void keepsWhatIsSentToOneFunctionOutOfTheWayOfTheOthers() {
        var payloads = new UnsignedPayloads(800, 50, refused::incrementAndGet);
        var held = payloads.of(ONE).hold(100);
        assertEquals(429, assertThrows(ProblemException.class, () -> payloads.of(ONE).hold(1)).problem().status());
        assertEquals(1, refused.get());
        payloads.of(OTHER).hold(100);
        held.release();
        payloads.of(ONE).hold(100);
    }

    @Test
    void boundsAllFunctionsTogether() {
        var payloads = new UnsignedPayloads(800, 50, refused::incrementAndGet);
        for (var i = 0; i < 8; i++) {
            payloads.of(new FunctionName("f" + i)).hold(100);
        }
        assertThrows(ProblemException.class, () -> payloads.of(ONE).hold(1));
        assertEquals(0, payloads.of(ONE).used(), "what was refused takes nothing");
    }

    @Test
    void hasRoomForOnePayloadOfAnySizeThatIsTaken() {
        new UnsignedPayloads(80, 100, refused::incrementAndGet).of(ONE).hold(100);
        assertEquals(0, refused.get());
    }
}
