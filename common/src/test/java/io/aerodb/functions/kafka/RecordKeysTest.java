package io.aerodb.functions.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordKeysTest {

    private static final String SECRET = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    @Test
    void sealsWithTheFirstAndOpensWithAll() {
        var keys = read("new:" + SECRET + ", old:" + SECRET.replace('M', 'N'));
        assertEquals("new", keys.sealing().id());
        assertTrue(keys.opening("new").isPresent());
        assertTrue(keys.opening("old").isPresent());
        assertFalse(keys.opening("other").isPresent());
    }

    @ParameterizedTest
    @ValueSource(strings = {"k1", "k1:", ":" + SECRET, "k 1:" + SECRET, "k-1:" + SECRET, "k1:!" + SECRET, "k1:c2hvcnQ=", "k1:" + SECRET + ",,k2:" + SECRET,
        "k1:" + SECRET + ",k2", "," + "k1:" + SECRET})
    void refusesKeysThatAreNone(String text) {
        var problem = assertThrows(ConfigurationException.class, () -> read(text)).getMessage();
        assertTrue(problem.contains("AEROFN_RECORD_KEYS"), problem);
        assertFalse(problem.contains(SECRET), "a problem must not show the keys");
        assertFalse(problem.contains("c2hvcnQ="), "a problem must not show the keys");
    }

    @Test
    void needsAtLeastOne() {
        var settings = Settings.of("gateway", Map.of());
        RecordKeys.read(settings);
        assertTrue(assertThrows(ConfigurationException.class, settings::check).getMessage().contains("AEROFN_RECORD_KEYS: is required"));
    }

    @Test
    void showsTheirNamesOnly() {
        assertEquals("RecordKeys[new, old]", read("new:" + SECRET + ",old:" + SECRET).toString());
    }

    private static RecordKeys read(String text) {
        var settings = Settings.of("gateway", Map.of("AEROFN_RECORD_KEYS", text));
        var keys = RecordKeys.read(settings);
        settings.check();
        return keys;
    }
}
