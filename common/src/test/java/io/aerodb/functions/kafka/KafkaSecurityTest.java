package io.aerodb.functions.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aerodb.functions.configuration.ConfigurationException;
import io.aerodb.functions.configuration.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaSecurityTest {

    private static final String KEY = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";

    @TempDir
    private Path directory;

    @Test
    void isPlainTextUnlessToldOtherwise() {
        assertEquals(Map.of("security.protocol", "PLAINTEXT"), read(Map.of()).properties());
    }

    @Test
    void provesAPasswordOverTls() throws IOException {
        var authorities = Files.writeString(directory.resolve("ca.pem"), "-----BEGIN CERTIFICATE-----\n");
        assertEquals(
                Map.of("security.protocol", "SASL_SSL", "sasl.mechanism", "SCRAM-SHA-512",
                        "sasl.jaas.config", "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"worker\" password=\"a\\\"b\\\\c\";",
                        "ssl.truststore.type", "PEM", "ssl.truststore.location", authorities.toString()),
                read(Map.of("SECURITY_PROTOCOL", "SASL_SSL", "SASL_USER", "worker", "SASL_PASSWORD", "a\"b\\c", "TLS_CA_FILE", authorities.toString())).properties());
    }

    @Test
    void takesTheLoginModuleOfTheMechanism() {
        assertEquals("org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"p\";",
                read(Map.of("SECURITY_PROTOCOL", "SASL_PLAINTEXT", "SASL_MECHANISM", "PLAIN", "SASL_USER", "u", "SASL_PASSWORD", "p"))
                        .properties().get("sasl.jaas.config"));
    }

    @Test
    void showsACertificateOfItsOwn() throws IOException {
        var certificate = Files.writeString(directory.resolve("tls.crt"), "certificates");
        var key = Files.writeString(directory.resolve("tls.key"), KEY);
        var security = read(Map.of("SECURITY_PROTOCOL", "SSL", "TLS_CERTIFICATE_FILE", certificate.toString(), "TLS_KEY_FILE", key.toString()));
        assertEquals(Map.of("security.protocol", "SSL", "ssl.keystore.type", "PEM", "ssl.keystore.certificate.chain", "certificates", "ssl.keystore.key", KEY),
                security.properties());
        assertFalse(security.toString().contains("MIIB"));
    }

    @Test
    void namesWhatIsMissing() {
        assertEquals(
                List.of("AEROFN_KAFKA_SASL_USER: is needed, as AEROFN_KAFKA_SECURITY_PROTOCOL is SASL_SSL",
                        "AEROFN_KAFKA_SASL_PASSWORD: is needed, as AEROFN_KAFKA_SECURITY_PROTOCOL is SASL_SSL",
                        "AEROFN_KAFKA_TLS_KEY_FILE: is needed as well: a certificate and its key belong together",
                        "AEROFN_KAFKA_TLS_CERTIFICATE_FILE: cannot read /no/such/file: there is no such file"),
                problems(Map.of("SECURITY_PROTOCOL", "SASL_SSL", "TLS_CERTIFICATE_FILE", "/no/such/file")));
    }

    /** Whoever sets a password believes that it is asked for, and whoever names authorities that the way is encrypted. */
    @Test
    void refusesWhatHasNoEffect() throws IOException {
        var authorities = Files.writeString(directory.resolve("ca.pem"), "-----BEGIN CERTIFICATE-----\n");
        assertEquals(
                List.of("AEROFN_KAFKA_SASL_PASSWORD: has no effect, as AEROFN_KAFKA_SECURITY_PROTOCOL is PLAINTEXT and not SASL_SSL",
                        "AEROFN_KAFKA_TLS_CA_FILE: has no effect, as AEROFN_KAFKA_SECURITY_PROTOCOL is PLAINTEXT and not SSL or SASL_SSL"),
                problems(Map.of("SASL_PASSWORD", "p", "TLS_CA_FILE", authorities.toString())));
    }

    @Test
    void saysHowAKeyIsBroughtIntoShape() throws IOException {
        var certificate = Files.writeString(directory.resolve("tls.crt"), "certificates");
        var key = Files.writeString(directory.resolve("tls.key"), "-----BEGIN RSA PRIVATE KEY-----\n");
        assertEquals(List.of("AEROFN_KAFKA_TLS_KEY_FILE: " + key + " has no line -----BEGIN PRIVATE KEY-----: make one with openssl pkcs8 -topk8 -nocrypt -in " + key),
                problems(Map.of("SECURITY_PROTOCOL", "SSL", "TLS_CERTIFICATE_FILE", certificate.toString(), "TLS_KEY_FILE", key.toString())));
    }

    private static List<String> problems(Map<String, String> kafka) {
        return assertThrows(ConfigurationException.class, () -> read(kafka)).problems();
    }

    /** @param kafka variables without their prefix */
    private static KafkaSecurity read(Map<String, String> kafka) {
        var environment = new HashMap<String, String>();
        kafka.forEach((name, value) -> environment.put("AEROFN_KAFKA_" + name, value));
        var settings = Settings.of("gateway", environment);
        var security = KafkaSecurity.read(settings);
        settings.check();
        return security;
    }
}
