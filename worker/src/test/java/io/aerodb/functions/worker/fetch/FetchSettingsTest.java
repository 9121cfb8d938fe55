package io.aerodb.functions.worker.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FetchSettingsTest {

    private static final String NETWORKS = "AEROFN_WORKER_FETCH_PRIVATE_NETWORKS";
    private static final String AUTHORITIES = "AEROFN_WORKER_FETCH_CA_FILE";

    @Test
    void opensNothingByDefault() {
        var settings = Settings.of("worker", Map.of());
        var read = FetchSettings.read(settings);
        settings.check();
        assertEquals(new FetchSettings(6 << 20, 6 << 20, Duration.ofSeconds(5), 256, List.of(), List.of()), read);
    }

    @Test
    void readsNetworks() {
        var settings = Settings.of("worker", Map.of(NETWORKS, "10.0.0.0/8, 127.0.0.1/32,fc00::/7"));
        var read = FetchSettings.read(settings);
        settings.check();
        assertEquals("[10.0.0.0/8, 127.0.0.1/32, fc00:0:0:0:0:0:0:0/7]", read.privateNetworks().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0", "10.0.0.1/8", "0.0.0.0/0", "::/0", "8.0.0.0/7", "10.0.0.0/8,", "localhost", "10.0.0.0/8;127.0.0.0/8"})
    void refusesNetworksThatAreNoneOrTooLarge(String networks) {
        assertTrue(problem(NETWORKS, networks).contains(NETWORKS));
    }

    @Test
    void refusesAFileWithoutCertificates(@TempDir Path directory) throws Exception {
        var file = directory.resolve("ca.pem");
        assertTrue(problem(AUTHORITIES, file.toString()).contains("cannot read certificates from " + file));
        Files.writeString(file, "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n");
        assertTrue(problem(AUTHORITIES, file.toString()).contains("cannot read certificates from " + file));
        Files.writeString(file, "");
        assertTrue(problem(AUTHORITIES, file.toString()).contains("has no certificate"));
    }

    private static String problem(String variable, String value) {
        var settings = Settings.of("worker", Map.of(variable, value));
        FetchSettings.read(settings);
        return assertThrows(ConfigurationException.class, settings::check).getMessage();
    }
}
