package io.aerodb.functions.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SchedulerSettingsTest {

    private static final Map<String, String> REQUIRED = Map.of(
            "AEROFN_KAFKA_BOOTSTRAP", "kafka:9092",
            "AEROFN_RECORD_KEYS", "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            "AEROFN_DATABASE_URL", "jdbc:postgresql://postgres:5432/aerodb",
            "AEROFN_DATABASE_USER", "aerodb",
            "AEROFN_DATABASE_PASSWORD", "password");

    @Test
    void takesTheSettingsThatServicesShare() {
        var settings = read(Map.of("AEROFN_SECRETS_KEYS", "of gateways and workers", "AEROFN_COMPILER_TIMEOUT", "5s", "AEROFN_WORKER_SLOTS", "1"));
        assertEquals(8082, settings.port());
        assertEquals(500, settings.batch());
        assertEquals(Duration.ofSeconds(30), settings.maxLag());
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        var problems = assertThrows(ConfigurationException.class,
                () -> read(Map.of("AEROFN_SCHEDULER_BATHC", "1"))).problems();
        assertEquals(List.of("AEROFN_SCHEDULER_BATHC: there is no such setting; did you mean AEROFN_SCHEDULER_BATCH?"), problems);
    }

    private static SchedulerSettings read(Map<String, String> more) {
        var environment = new HashMap<>(REQUIRED);
        environment.putAll(more);
        return SchedulerSettings.read(Settings.of("scheduler", environment));
    }
}
