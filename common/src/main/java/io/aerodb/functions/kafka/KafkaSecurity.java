package io.aerodb.functions.kafka;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.configuration.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.security.plain.PlainLoginModule;
import org.apache.kafka.common.security.scram.ScramLoginModule;

/**
 * How clients protect the way to the brokers, and prove who they are. Names of brokers are always compared with their certificates.
 *
 * @param caFile PEM file of authorities that sign the brokers' certificates; empty for those of the Java runtime
 * @param certificate PEM text of the client's own certificate and those above it; empty if it has none
 * @param key PEM text of its private key
 */
public record KafkaSecurity(
        SecurityProtocol protocol, String mechanism, String user, Secret password, String caFile, String certificate, Secret key) {

    private static final List<SecurityProtocol> PROTOCOLS =
            List.of(SecurityProtocol.PLAINTEXT, SecurityProtocol.SSL, SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL);
    private static final String PLAIN = "PLAIN";
    private static final String SCRAM_SHA_512 = "SCRAM-SHA-512";
    private static final List<String> MECHANISMS = List.of(PLAIN, "SCRAM-SHA-256", SCRAM_SHA_512);
    private static final String PEM = "PEM";
    private static final String PKCS_8 = "-----BEGIN PRIVATE KEY-----";

    static final KafkaSecurity NONE = new KafkaSecurity(SecurityProtocol.PLAINTEXT, SCRAM_SHA_512, "", new Secret(""), "", "", new Secret(""));

    static KafkaSecurity read(Settings settings) {
        var protocol = settings.choice("kafka.security-protocol", SecurityProtocol.PLAINTEXT, PROTOCOLS,
                "How the way to the brokers is protected, in Kafka's words; SASL_SSL or SSL where the network is not yours");
        var mechanism = settings.choice("kafka.sasl-mechanism", SCRAM_SHA_512, MECHANISMS, "How SASL proves the password");
        var user = settings.text("kafka.sasl-user", "", "User name for SASL");
        var password = settings.secret("kafka.sasl-password", "Password of that user");
        var caFile = settings.text("kafka.tls-ca-file", "",
                "PEM file of certificate authorities that sign the brokers' certificates. Empty: those of the Java runtime");
        var certificateFile = settings.text("kafka.tls-certificate-file", "",
                "PEM file of the client's own certificate and those above it, for brokers that ask for one. Empty: none");
        var keyFile = settings.text("kafka.tls-key-file", "", "PEM file of that certificate's private key, in PKCS #8 without a passphrase");
        return new Reading(settings, protocol).check(user, password, caFile, certificateFile, keyFile, mechanism);
    }

    /** Settings of a client of Kafka. */
    Map<String, Object> properties() {
        var properties = new HashMap<String, Object>();
        properties.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, protocol.name);
        if (isSasl(protocol)) {
            properties.put(SaslConfigs.SASL_MECHANISM, mechanism);
            properties.put(SaslConfigs.SASL_JAAS_CONFIG, "%s required username=\"%s\" password=\"%s\";".formatted(
                    mechanism.equals(PLAIN) ? PlainLoginModule.class.getName() : ScramLoginModule.class.getName(), quoted(user), quoted(password.value())));
        }
        if (!caFile.isEmpty()) {
            properties.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, PEM);
            properties.put(SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG, caFile);
        }
        if (!certificate.isEmpty()) {
            properties.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, PEM);
            properties.put(SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG, certificate);
            properties.put(SslConfigs.SSL_KEYSTORE_KEY_CONFIG, key.value());
        }
        return properties;
    }

    private static boolean isSasl(SecurityProtocol protocol) {
        return protocol == SecurityProtocol.SASL_PLAINTEXT || protocol == SecurityProtocol.SASL_SSL;
    }

    private static boolean isTls(SecurityProtocol protocol) {
        return protocol == SecurityProtocol.SSL || protocol == SecurityProtocol.SASL_SSL;
    }

    private static String quoted(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    /** What only shows when the values are seen together, and in the files that they name. */
    private record Reading(Settings settings, SecurityProtocol protocol) {

        KafkaSecurity check(String user, Secret password, String caFile, String certificateFile, String keyFile, String mechanism) {
            if (isSasl(protocol)) {
                needed("kafka.sasl-user", user);
                needed("kafka.sasl-password", password.value());
            } else {
                useless("kafka.sasl-user", user, "SASL_SSL");
                useless("kafka.sasl-password", password.value(), "SASL_SSL");
            }
            if (!isTls(protocol)) {
                useless("kafka.tls-ca-file", caFile, "SSL or SASL_SSL");
                useless("kafka.tls-certificate-file", certificateFile, "SSL or SASL_SSL");
                useless("kafka.tls-key-file", keyFile, "SSL or SASL_SSL");
            }
            if (certificateFile.isEmpty() != keyFile.isEmpty()) {
                settings.problem(certificateFile.isEmpty() ? "kafka.tls-certificate-file" : "kafka.tls-key-file",
                        "is needed as well: a certificate and its key belong together");
            }
            text("kafka.tls-ca-file", caFile);
            var key = text("kafka.tls-key-file", keyFile);
            if (!key.isEmpty() && !key.contains(PKCS_8)) {
                settings.problem("kafka.tls-key-file", keyFile + " has no line " + PKCS_8
                        + ": make one with openssl pkcs8 -topk8 -nocrypt -in " + keyFile);
            }
            return new KafkaSecurity(protocol, mechanism, user, password, caFile, text("kafka.tls-certificate-file", certificateFile), new Secret(key));
        }

        private void needed(String key, String value) {
            if (value.isEmpty()) {
                settings.problem(key, "is needed, as " + Settings.variable("kafka.security-protocol") + " is " + protocol.name);
            }
        }

        private void useless(String key, String value, String protocols) {
            if (!value.isEmpty()) {
                settings.problem(key, "has no effect, as " + Settings.variable("kafka.security-protocol") + " is " + protocol.name + " and not " + protocols);
            }
        }

        /** Of a PEM file; empty where none is named or it cannot be read. */
        private String text(String key, String file) {
            if (file.isEmpty()) {
                return "";
            }
            try {
                return Files.readString(Path.of(file));
            } catch (IOException | IllegalArgumentException e) {
                settings.problem(key, "cannot read " + file + (Files.notExists(Path.of(file)) ? ": there is no such file" : ": " + e.getMessage()));
                return "";
            }
        }
    }
}
