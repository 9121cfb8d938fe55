package io.aerodb.functions.worker.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetentionSettingsTest {

    private static final Duration LONGEST_DELAY = Duration.ofDays(6);

    @Test
    void keepsSuccessesAWeekAndFailuresAMonth() {
        assertEquals(new RetentionSettings(Duration.ofDays(7), Duration.ofDays(30), Duration.ofDays(8)), read(Map.of()));
    }

    @Test
    void keepsWhatItIsTold() {
        assertEquals(new RetentionSettings(Duration.ofDays(2), Duration.ofDays(13), Duration.ofDays(8)),
                read(Map.of("AEROFN_WORKER_RETAIN_SUCCESSES", "48h", "AEROFN_WORKER_RETAIN_FAILURES", "13d")));
    }

    @Test
    void refusesToForgetDelayedCallsBeforeTheyCanHaveEnded() {
        var problem = assertThrows(ConfigurationException.class, () -> read(Map.of("AEROFN_WORKER_RETAIN_FAILURES", "12d"))).getMessage();
        assertTrue(problem.contains("AEROFN_WORKER_RETAIN_FAILURES: is shorter than a delayed call may take: raise it to 13d, or lower AEROFN_KAFKA_REQUEST_RETENTION"), problem);
    }

    @Test
    void refusesToForgetFailuresBeforeSuccesses() {
        var problem = assertThrows(ConfigurationException.class, () -> read(Map.of("AEROFN_WORKER_RETAIN_FAILURES", "6d"))).getMessage();
        assertTrue(problem.contains("AEROFN_WORKER_RETAIN_FAILURES: is shorter than AEROFN_WORKER_RETAIN_SUCCESSES"), problem);
    }

    @Test
    void refusesLessThanADay() {
        assertThrows(ConfigurationException.class, () -> read(Map.of("AEROFN_WORKER_RETAIN_SUCCESSES", "23h")));
    }

    @Test
    void refusesToForgetClaimsOfInvocationsThatMayStillBeTried() {
        assertThrows(ConfigurationException.class, () -> read(Map.of("AEROFN_WORKER_RETAIN_CLAIMS", "7d")));
    }

    private static RetentionSettings read(Map<String, String> environment) {
        var settings = Settings.of("worker", environment);
        var read = RetentionSettings.read(settings, LONGEST_DELAY);
        settings.check();
        return read;
    }
}
