package io.aerodb.functions.gateway.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenSettingsTest {

    private static final String SECRET = "AEROFN_GATEWAY_JWT_SECRET";
    private static final String URL = "AEROFN_GATEWAY_JWT_JWKS_URL";
    private static final String JWKS = "https://auth.example.org/.well-known/jwks.json";

    @Test
    void needsNoIssuerWhereThereIsASecret() {
        var read = read(Map.of(SECRET, Tokens.SECRET));
        assertEquals(Tokens.SECRET, read.secret().value());
        assertNull(read.jwks());
        assertFalse(read.toString().contains(Tokens.SECRET));
    }

    @Test
    void needsNoSecretWhereThereIsAnIssuer() {
        var read = read(Map.of(URL, JWKS));
        assertEquals("", read.secret().value());
        assertEquals(new JwksSettings(URI.create(JWKS), Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofSeconds(10)), read.jwks());
    }

    @Test
    void takesBoth() {
        var read = read(Map.of(SECRET, Tokens.SECRET, URL, JWKS, "AEROFN_GATEWAY_JWT_JWKS_CACHE", "1m",
                "AEROFN_GATEWAY_JWT_JWKS_OUTAGE", "0ms", "AEROFN_GATEWAY_JWT_JWKS_INTERVAL", "5s"));
        assertEquals(Tokens.SECRET, read.secret().value());
        assertEquals(new JwksSettings(URI.create(JWKS), Duration.ofMinutes(1), Duration.ZERO, Duration.ofSeconds(5)), read.jwks());
    }

    @Test
    void wantsOneOfTheTwo() {
        assertRefused(Map.of(), SECRET);
    }

    @Test
    void refusesAShortSecretWithoutShowingIt() {
        var problem = assertRefused(Map.of(SECRET, "short-secret", URL, JWKS), SECRET);
        assertFalse(problem.contains("short-secret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://auth.example.org/jwks", "file:///etc/passwd", "auth.example.org/jwks", "https:///jwks", "https://",
            "https://user:password@auth.example.org/jwks", "https://auth.example.org/jwks#keys", "http://a b/", "jwks"})
    void refusesWhatIsNoUrlOfAKeySet(String url) {
        assertRefused(Map.of(SECRET, Tokens.SECRET, URL, url), URL);
    }

    @Test
    void refusesAnIntervalLongerThanTheCacheTime() {
        var names = "AEROFN_GATEWAY_JWT_JWKS_";
        assertRefused(Map.of(URL, JWKS, names + "CACHE", "10s", names + "INTERVAL", "11s"), names + "INTERVAL");
    }

    private static String assertRefused(Map<String, String> environment, String variable) {
        var message = assertThrows(ConfigurationException.class, () -> read(environment)).getMessage();
        assertTrue(message.contains(variable), message);
        return message;
    }

    private static TokenSettings read(Map<String, String> environment) {
        var settings = Settings.of("gateway", environment);
        var read = TokenSettings.read(settings);
        settings.check();
        return read;
    }
}
