package io.aerodb.functions.triggerbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BridgeSettingsTest {

    @Test
    void refusesSeveralServersForTheLogOfOne() {
        assertTrue(problemOf("jdbc:postgresql://one:5432,two:5432/app").contains("AEROFN_SOURCE_URL: names several servers (one,two)"));
    }

    @Test
    void refusesWhatIsNoAddress() {
        assertTrue(problemOf("jdbc:postgresql://host:port/app").contains("AEROFN_SOURCE_URL: is no address of PostgreSQL"));
    }

    @Test
    void takesAnAddressWithParameters() {
        assertEquals("jdbc:postgresql://one/app?sslmode=verify-full", read("jdbc:postgresql://one/app?sslmode=verify-full").source().url());
    }

    private static String problemOf(String url) {
        return String.join("; ", assertThrows(ConfigurationException.class, () -> read(url)).problems());
    }

    private static BridgeSettings read(String url) {
        return BridgeSettings.read(Settings.of("bridge", Map.of(
                "AEROFN_KAFKA_BOOTSTRAP", "localhost:1",
                "AEROFN_RECORD_KEYS", Source.RECORD_KEYS,
                "AEROFN_DATABASE_URL", url, "AEROFN_DATABASE_USER", "user", "AEROFN_DATABASE_PASSWORD", "password")));
    }
}
