package io.aerodb.functions.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aerodb.functions.embedded.FreePort;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A broker that lets in over TLS who proves a password by SCRAM, and to what an access control list allows; besides it has a door for
 * its operator, who may do anything.
 */
final class SecuredBroker implements AutoCloseable {

    private static final String PASSWORD = "password-of-";
    private static final String STORE_PASSWORD = "changeit";

    private final KafkaRaftServer server;
    private final int port;
    private final int operatorPort;
    private final Path authorities;

    private SecuredBroker(KafkaRaftServer server, int port, int operatorPort, Path authorities) {
        this.server = server;
        this.port = port;
        this.operatorPort = operatorPort;
        this.authorities = authorities;
    }

    /** @param users who have a password */
    static SecuredBroker start(Path directory, Collection<String> users) throws Exception {
        var keystore = directory.resolve("broker.p12");
        var authorities = directory.resolve("ca.pem");
        keytool("-genkeypair", "-alias", "broker", "-keyalg", "EC", "-validity", "2", "-dname", "CN=broker", "-ext", "SAN=ip:127.0.0.1",
                "-storetype", "PKCS12", "-keystore", keystore.toString(), "-storepass", STORE_PASSWORD);
        keytool("-exportcert", "-rfc", "-alias", "broker", "-keystore", keystore.toString(), "-storepass", STORE_PASSWORD, "-file", authorities.toString());

        var data = directory.resolve("data");
        new Formatter().setNodeId(1).setClusterId(Uuid.randomUuid().toString()).setDirectories(List.of(data.toString()))
                .setMetadataLogDirectory(data.toString()).setControllerListenerName("CONTROLLER")
                .setScramArguments(users.stream().map(user -> "SCRAM-SHA-512=[name=%s,password=%s%s]".formatted(user, PASSWORD, user)).toList())
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                .run();
        var port = FreePort.find();
        var operatorPort = FreePort.find();
        var server = new KafkaRaftServer(new KafkaConfig(settings(data, keystore, port, operatorPort, FreePort.find()), false), Time.SYSTEM);
        server.startup();
        return new SecuredBroker(server, port, operatorPort, authorities);
    }

    /** Where the operator gets in. */
    String operatorBootstrap() {
        return "127.0.0.1:" + operatorPort;
    }

    /** What a service is told that is to be this user. */
    Map<String, String> settingsOf(String user) {
        return Map.of(
                "AEROFN_KAFKA_BOOTSTRAP", "127.0.0.1:" + port,
                "AEROFN_KAFKA_SECURITY_PROTOCOL", "SASL_SSL",
                "AEROFN_KAFKA_SASL_USER", user,
                "AEROFN_KAFKA_SASL_PASSWORD", PASSWORD + user,
                "AEROFN_KAFKA_TLS_CA_FILE", authorities.toString());
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static Properties settings(Path data, Path keystore, int port, int operatorPort, int controllerPort) {
        var settings = new Properties();
        settings.putAll(Map.of(
                "process.roles", "broker,controller",
                "node.id", "1",
                "log.dirs", data.toString(),
                "controller.quorum.voters", "1@127.0.0.1:" + controllerPort,
                "controller.listener.names", "CONTROLLER",
                "listeners", "SASL_SSL://127.0.0.1:%d,OPERATOR://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, operatorPort, controllerPort),
                "advertised.listeners", "SASL_SSL://127.0.0.1:%d,OPERATOR://127.0.0.1:%d".formatted(port, operatorPort),
                "inter.broker.listener.name", "OPERATOR",
                "listener.security.protocol.map", "SASL_SSL:SASL_SSL,OPERATOR:PLAINTEXT,CONTROLLER:PLAINTEXT"));
        settings.putAll(Map.of(
                "sasl.enabled.mechanisms", "SCRAM-SHA-512",
                "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config", "org.apache.kafka.common.security.scram.ScramLoginModule required;",
                "ssl.keystore.type", "PKCS12",
                "ssl.keystore.location", keystore.toString(),
                "ssl.keystore.password", STORE_PASSWORD,
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users", "User:ANONYMOUS",
                "auto.create.topics.enable", "false",
                "group.initial.rebalance.delay.ms", "0",
                "message.max.bytes", String.valueOf(16 << 20)));
        settings.putAll(Map.of(
                "offsets.topic.replication.factor", "1",
                "offsets.topic.num.partitions", "4",
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.min.isr", "1",
                "log.cleaner.dedupe.buffer.size", String.valueOf(4 << 20)));
        return settings;
    }

    private static void keytool(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        var ended = AerofnCommand.run(Map.of(), command);
        assertEquals(0, ended.status(), ended::output);
    }
}
