package io.aerodb.functions.configuration;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aerodb.functions.configuration.SettingInEffect.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    @Test
    void takesDefaultsWhereNothingIsSet() {
        var settings = Settings.of("gateway", Map.of());
        assertEquals(7, settings.integer("gateway.answer", 7, 1, 10, "An answer"));
        assertEquals("x", settings.text("gateway.name", "x", "A name"));
        settings.check();
    }

    @Test
    void readsTheEnvironmentUnderOurPrefix() {
        var settings = Settings.of("gateway", Map.of("AEROFN_GATEWAY_QUEUE_TIMEOUT", "250ms", "PATH", "/bin"));
        assertEquals(Duration.ofMillis(250), settings.duration(
                "gateway.queue-timeout", Duration.ofSeconds(5), Duration.ZERO, Duration.ofHours(1), "Patience"));
        settings.check();
    }

    @Test
    void tellsSettingsFromVariablesOfOtherPrograms() {
        var environment = Map.of("AEROFN_WORKER_SLOTS", "3", "AEROFN_WROKER", "x", "AEROFN_URL", "http://127.0.0.1", "PATH", "/bin");
        assertEquals(Map.of("AEROFN_WORKER_SLOTS", "3", "AEROFN_WROKER", "x"), Settings.given(environment));
    }

    @Test
    void takesOneOfTheChoicesAndNoOther() {
        var settings = Settings.of("worker", Map.of("AEROFN_WORKER_A", "two", "AEROFN_WORKER_B", "four"));
        assertEquals("two", settings.choice("worker.a", "one", List.of("one", "two", "three"), "A"));
        settings.choice("worker.b", "one", List.of("one", "two", "three"), "B");
        assertEquals("one", settings.choice("worker.c", "one", List.of("one", "two"), "C"));
        assertEquals(List.of("AEROFN_WORKER_B: 'four' is not allowed: one or two or three"),
                assertThrows(ConfigurationException.class, settings::check).problems());
    }

    @Test
    void tellsEveryProblemAtOnce() {
        var settings = Settings.of("gateway", Map.of("AEROFN_GATEWAY_PORT", "eighty", "AEROFN_GATEWAY_PROT", "80"));
        settings.integer("gateway.port", 8080, 0, 65535, "Port");
        settings.requiredText("kafka.bootstrap", "Brokers");
        var message = assertThrows(ConfigurationException.class, settings::check).getMessage();
        assertTrue(message.contains("3 problems"), message);
        assertTrue(message.contains("AEROFN_GATEWAY_PORT: 'eighty' is not allowed: integer, 0 to 65535"), message);
        assertTrue(message.contains("AEROFN_KAFKA_BOOTSTRAP: is required"), message);
        assertTrue(message.contains("AEROFN_GATEWAY_PROT: there is no such setting"), message);
    }

    @Test
    void passesOverTheKeysOfOtherServices() {
        var settings = Settings.of("gateway", Map.of("AEROFN_WORKER_SLOTS", "3", "AEROFN_URL", "http://127.0.0.1"));
        settings.check();
    }

    @Test
    void passesOverSharedKeysThatItHasNoUseFor() {
        var settings = Settings.of("scheduler", Map.of("AEROFN_COMPILER_TIMEOUT", "5s"));
        settings.passOver("compiler");
        settings.check();
    }

    @Test
    void refusesUnknownSharedKeys() {
        var settings = Settings.of("gateway", Map.of("AEROFN_KAFKA_BOOTSTARP", "x"));
        assertThrows(ConfigurationException.class, settings::check);
    }

    @Test
    void letsTheEnvironmentWinOverTheFile(@TempDir Path directory) throws IOException {
        var file = Files.writeString(directory.resolve("aerofn.properties"), "gateway.name = file\ngateway.port=1234\n");
        var settings = Settings.of("gateway", Map.of("AEROFN_CONFIG_FILE", file.toString(), "AEROFN_GATEWAY_NAME", "environment"));
        assertEquals("environment", settings.text("gateway.name", "x", "A name"));
        assertEquals(1234, settings.integer("gateway.port", 1, 0, 65535, "Port"));
        settings.check();
    }

    @Test
    void namesAFileThatCannotBeRead(@TempDir Path directory) {
        var settings = Settings.of("gateway", Map.of("AEROFN_CONFIG_FILE", directory.resolve("missing").toString()));
        assertTrue(assertThrows(ConfigurationException.class, settings::check).getMessage().contains("cannot read"));
    }

    @Test
    void readsSizesAndRefusesUnitsItDoesNotKnow() {
        var settings = Settings.of("gateway", Map.of("AEROFN_A", "2MiB", "AEROFN_B", "2MB", "AEROFN_C", "999999999999GiB"));
        assertEquals(2 << 20, settings.bytes("a", 1, 0, 1 << 30, "A size"));
        settings.bytes("b", 1, 0, 1 << 30, "A size");
        settings.bytes("c", 1, 0, Long.MAX_VALUE, "A size");
        var message = assertThrows(ConfigurationException.class, settings::check).getMessage();
        assertTrue(message.contains("2 problems"), message);
    }

    @Test
    void passesOverWhatAPartialReaderHasNotRead() {
        var settings = Settings.of("worker", Map.of("AEROFN_WORKER_A", "x", "AEROFN_KAFKA_BOOTSTRAP", "kafka:9092"));
        settings.text("worker.b", "", "A text");
        assertDoesNotThrow(settings::checkRead);
        settings.integer("worker.a", 1, 0, 2, "A number");
        assertTrue(assertThrows(ConfigurationException.class, settings::checkRead).getMessage().contains("AEROFN_WORKER_A"));
    }

    @Test
    void keepsSecretsOutOfText() {
        var settings = Settings.of("gateway", Map.of("AEROFN_PASSWORD", "hunter2"));
        var secret = settings.requiredSecret("password", "A password");
        assertEquals("hunter2", secret.value());
        assertFalse(secret.toString().contains("hunter2"));
    }

    @ParameterizedTest
    @CsvSource({"AEROFN_GATEWAY_PROT,AEROFN_GATEWAY_PORT", "AEROFN_KAFKA_BOOTSTARP,AEROFN_KAFKA_BOOTSTRAP", "AEROFN_DATABASE_URLS,AEROFN_DATABASE_URL",
        "AEROFN_KAFKA_BOOTSTRAP_SERVERS,"})
    void suggestsTheSettingThatWasMeant(String given, @Nullable String meant) {
        var settings = Settings.of("gateway", Map.of(given, "x"));
        settings.text("gateway.port", "", "Port");
        settings.text("kafka.bootstrap", "", "Brokers");
        settings.text("database.url", "", "Database");
        assertEquals(List.of(given + ": there is no such setting" + (meant == null ? "" : "; did you mean " + meant + "?")),
                assertThrows(ConfigurationException.class, settings::check).problems());
    }

    @Test
    void passesOverWhatKubernetesTellsOfServices() {
        var settings = Settings.of("gateway", Map.ofEntries(
                Map.entry("AEROFN_GATEWAY_SERVICE_HOST", "10.1.2.3"),
                Map.entry("AEROFN_GATEWAY_SERVICE_PORT", "8080"),
                Map.entry("AEROFN_GATEWAY_SERVICE_PORT_HTTP", "8080"),
                Map.entry("AEROFN_GATEWAY_PORT", "tcp://10.1.2.3:8080"),
                Map.entry("AEROFN_GATEWAY_PORT_8080_TCP", "tcp://10.1.2.3:8080"),
                Map.entry("AEROFN_GATEWAY_PORT_8080_TCP_PROTO", "tcp"),
                Map.entry("AEROFN_GATEWAY_PORT_8080_TCP_PORT", "8080"),
                Map.entry("AEROFN_GATEWAY_PORT_8080_TCP_ADDR", "10.1.2.3"),
                Map.entry("AEROFN_PORT", "tcp://[fd00::1]:8080")));
        assertEquals(8080, settings.integer("gateway.port", 8080, 0, 65535, "Port"));
        settings.check();
    }

    @Test
    void tellsWhatIsInEffectAndNoSecret(@TempDir Path directory) throws IOException {
        var file = Files.writeString(directory.resolve("aerofn.properties"), "b = from a file\n");
        var settings = Settings.of("gateway", Map.of("AEROFN_CONFIG_FILE", file.toString(), "AEROFN_A", "jdbc:postgresql://h/d?user=u&password=hunter2&sslmode=require",
                "AEROFN_D", "hunter2"));
        settings.text("a", "", "A text");
        settings.text("b", "", "A text");
        settings.integer("c", 7, 0, 10, "A number");
        settings.secret("d", "A secret");
        settings.secret("e", "Another secret");
        settings.requiredText("f", "A text");
        assertEquals(List.of(
                new SettingInEffect("AEROFN_A", "jdbc:postgresql://h/d?user=u&password=(not shown)&sslmode=require", Origin.ENVIRONMENT),
                new SettingInEffect("AEROFN_B", "from a file", Origin.FILE),
                new SettingInEffect("AEROFN_C", "7", Origin.DEFAULT),
                new SettingInEffect("AEROFN_D", "(not shown)", Origin.ENVIRONMENT),
                new SettingInEffect("AEROFN_E", "(empty)", Origin.DEFAULT),
                new SettingInEffect("AEROFN_F", "", Origin.DEFAULT)), settings.inEffect());
    }
}
