package io.aerodb.functions.worker.invocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LaneSettingsTest {

    @Test
    void hasRoomForAThousandCallsOfOneFunctionByDefault() {
        var settings = read(Map.of());
        assertEquals(1024, settings.perFunction(LaneKind.INTERACTIVE));
        assertEquals(256, settings.perFunction(LaneKind.EVENTS));
    }

    @Test
    void givesAFunctionAtLeastOneSlot() {
        assertEquals(1, read(Map.of("AEROFN_WORKER_SLOTS", "1")).perFunction(LaneKind.INTERACTIVE));
        assertEquals(1, read(Map.of("AEROFN_WORKER_EVENT_SLOTS", "5", "AEROFN_WORKER_FUNCTION_SHARE", "1")).perFunction(LaneKind.EVENTS));
    }

    @Test
    void givesAFunctionNeverAllOfSeveralSlots() {
        assertEquals(1, read(Map.of("AEROFN_WORKER_SLOTS", "2", "AEROFN_WORKER_FUNCTION_SHARE", "99")).perFunction(LaneKind.INTERACTIVE));
    }

    @Test
    void sharesEachLaneWithAGroupOfItsOwn() {
        assertEquals("functions-invoke", read(Map.of()).group(LaneKind.INTERACTIVE));
        assertEquals("functions-events", read(Map.of()).group(LaneKind.EVENTS));
    }

    @Test
    void refusesAGroupWithoutAName() {
        var problem = assertThrows(ConfigurationException.class, () -> read(Map.of("AEROFN_WORKER_EVENTS_GROUP", " "))).getMessage();
        assertTrue(problem.contains("AEROFN_WORKER_EVENTS_GROUP: is empty"), problem);
    }

    private static LaneSettings read(Map<String, String> environment) {
        var settings = Settings.of("worker", environment);
        var read = LaneSettings.read(settings);
        settings.check();
        return read;
    }
}
