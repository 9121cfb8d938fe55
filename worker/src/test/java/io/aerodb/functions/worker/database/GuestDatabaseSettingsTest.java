package io.aerodb.functions.worker.database;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.configuration.Settings;
import io.aerodb.functions.identity.Role;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GuestDatabaseSettingsTest {

    private static final Map<String, String> COMPLETE = Map.of(
            "AEROFN_WORKER_GUEST_DATABASE_URL", "jdbc:postgresql://db/app",
            "AEROFN_WORKER_GUEST_DATABASE_PASSWORD_ANON", "a",
            "AEROFN_WORKER_GUEST_DATABASE_PASSWORD_AUTHENTICATED", "b",
            "AEROFN_WORKER_GUEST_DATABASE_PASSWORD_SERVICE_ROLE", "c",
            "AEROFN_WORKER_GUEST_DATABASE_CLAIM_KEYS", GuestTestDatabase.KEY);

    @Test
    void isAbsentWithoutAUrl() {
        var settings = Settings.of("worker", Map.of());
        assertEquals(Optional.empty(), GuestDatabaseSettings.read(settings));
        assertDoesNotThrow(settings::check);
    }

    @Test
    void readsACompleteGroupWithItsDefaults() {
        var settings = Settings.of("worker", COMPLETE);
        var read = GuestDatabaseSettings.read(settings).orElseThrow();
        settings.check();
        assertEquals("db", read.address().host());
        assertEquals(Map.of(Role.ANON, new Secret("a"), Role.AUTHENTICATED, new Secret("b"), Role.SERVICE, new Secret("c")), read.passwords());
        assertEquals(8, read.poolSize());
        assertEquals(10_000, read.maxRows());
        assertEquals(6 << 20, read.maxBytes());
        assertFalse(read.toleratesMissingRevokes());
        assertFalse(read.toString().contains("MDEy"), read.toString());
    }

    @Test
    void namesEverythingThatIsMissingOnceThereIsAUrl() {
        var settings = Settings.of("worker", Map.of("AEROFN_WORKER_GUEST_DATABASE_URL", "postgres://db"));
        GuestDatabaseSettings.read(settings);
        var problems = assertThrows(ConfigurationException.class, settings::check).getMessage();
        for (var name : COMPLETE.keySet()) {
            if (!name.endsWith("CLAIM_KEYS")) {
                assertTrue(problems.contains(name), problems);
            }
        }
        var withoutKeys = new HashMap<>(COMPLETE);
        withoutKeys.remove("AEROFN_WORKER_GUEST_DATABASE_CLAIM_KEYS");
        var other = Settings.of("worker", withoutKeys);
        GuestDatabaseSettings.read(other);
        assertTrue(assertThrows(ConfigurationException.class, other::check).getMessage().contains("CLAIM_KEYS"));
    }
}
