package io.aerodb.functions.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TracingSettingsTest {

    @Test
    void tracesNothingUnlessItIsToldWhere() {
        assertEquals(new TracingSettings(Optional.empty(), Map.of(), 1), read(Map.of()));
    }

    @ParameterizedTest
    @CsvSource({
        "http://collector:4318, http://collector:4318/v1/traces",
        "https://collector.example.com/, https://collector.example.com/v1/traces",
        "https://example.com/otlp/traces, https://example.com/otlp/traces"})
    void addsThePathWhereThereIsNone(String endpoint, String url) {
        assertEquals(Optional.of(URI.create(url)), read(Map.of("AEROFN_TRACING_ENDPOINT", endpoint)).endpoint());
    }

    @Test
    void readsHeadersAndRatioAndShowsNoSecret() {
        var settings = read(Map.of("AEROFN_TRACING_HEADERS", "authorization=Bearer a=b, x-team = functions", "AEROFN_TRACING_RATIO", "0.05"));
        assertEquals(Map.of("authorization", "Bearer a=b", "x-team", "functions"), settings.headers());
        assertEquals(0.05, settings.ratio());
        assertFalse(settings.toString().contains("Bearer"), settings::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"collector:4318", "grpc://collector:4317", "http://", "http://user@collector", "http://a b"})
    void refusesWhatIsNoUrlOfACollector(String endpoint) {
        assertEquals(List.of("AEROFN_TRACING_ENDPOINT: must be a URL such as http://collector:4318, without a user"),
                problems(Map.of("AEROFN_TRACING_ENDPOINT", endpoint)));
    }

    @Test
    void refusesHeadersThatAreNoneWithoutShowingThem() {
        assertEquals(List.of("AEROFN_TRACING_HEADERS: must be name=value, several separated by commas"), problems(Map.of("AEROFN_TRACING_HEADERS", "s3cret")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "1.1", "-0.1", "half", "1e-3"})
    void refusesARatioThatIsNone(String ratio) {
        assertEquals(List.of("AEROFN_TRACING_RATIO: '" + ratio + "' is not allowed: number, 0 to 1"), problems(Map.of("AEROFN_TRACING_RATIO", ratio)));
    }

    private static TracingSettings read(Map<String, String> environment) {
        var settings = Settings.of("worker", environment);
        var read = TracingSettings.read(settings);
        settings.check();
        return read;
    }

    private static List<String> problems(Map<String, String> environment) {
        return assertThrows(ConfigurationException.class, () -> read(environment)).problems();
    }
}
