package io.aerodb.functions.embedded;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka cluster of one node inside this JVM, reachable on loopback only, without authentication. Topics survive a
 * restart on the same data directory; they are never created by merely being named.
 *
 * <p>Thread-safe. Kafka logs much at INFO: set the loggers {@code kafka} and {@code org.apache.kafka} to WARN or above
 * where that is unwanted. A broker that can no longer write its data directory halts the whole JVM; that is Kafka's
 * way.
 */
public final class EmbeddedKafka implements AutoCloseable {

    private static final int READY_TIMEOUT_MS = 60_000;

    private final Path dataDirectory;
    private final int port;
    private @Nullable KafkaRaftServer server;
    private @Nullable DirectoryLock lock;

    /**
     * @param dataDirectory created at the first start; belongs to one running broker at a time
     * @param port of the broker; 0 picks a free one now, which stays the same over every stop and start
     */
    public EmbeddedKafka(Path dataDirectory, int port) {
        this.dataDirectory = dataDirectory.toAbsolutePath().normalize();
        this.port = port == 0 ? FreePort.find() : port;
    }

    /** Where clients connect, {@code 127.0.0.1:port}; the same before, during and after a run. */
    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    /**
     * Returns once clients can create topics, produce and join groups. Does nothing if the broker runs.
     *
     * @throws EmbeddedServerException if it cannot start; nothing is left running then
     */
    public synchronized void start() {
        if (server != null) {
            return;
        }
        if (!FreePort.isFree(port)) {
            throw new EmbeddedServerException(
                    "Kafka cannot listen on %s: the port is taken. Stop what uses it, or choose another port."
                            .formatted(bootstrap()));
        }
        // Kafka's own lock comes too late: a second controller would already have written to the metadata.
        var acquired = DirectoryLock.acquire(dataDirectory);
        try {
            server = startServer();
            lock = acquired;
        } catch (RuntimeException failure) {
            acquired.close();
            throw failure;
        }
    }

    /** Returns once the port is closed and everything is on disk. Does nothing if the broker does not run. */
    public synchronized void stop() {
        if (server != null && lock != null) {
            shutDown(server);
            server = null;
            lock.close();
            lock = null;
        }
    }

    @Override
    public void close() {
        stop();
    }

    private KafkaRaftServer startServer() {
        format();
        try {
            return launch();
        } catch (RuntimeException failure) {
            throw new EmbeddedServerException(
                    "Kafka did not start on %s with data directory %s (%s): its log says more."
                            .formatted(bootstrap(), dataDirectory, failure.getMessage()),
                    failure);
        }
    }

    private KafkaRaftServer launch() {
        var settings = KafkaSettings.of(dataDirectory, port, FreePort.findOtherThan(port));
        var starting = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
        try {
            starting.startup();
            awaitGroups();
            return starting;
        } catch (RuntimeException failure) {
            shutDown(starting);
            throw failure;
        }
    }

    private static void shutDown(KafkaRaftServer server) {
        server.shutdown();
        server.awaitShutdown();
    }

    private void format() {
        if (Files.exists(dataDirectory.resolve("meta.properties"))) {
            return;
        }
        try {
            new Formatter()
                    .setNodeId(KafkaSettings.NODE_ID)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setDirectories(List.of(dataDirectory.toString()))
                    .setMetadataLogDirectory(dataDirectory.toString())
                    .setControllerListenerName(KafkaSettings.CONTROLLER_LISTENER)
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                    .run();
        } catch (Exception failure) { // Formatter.run declares no less
            throw new EmbeddedServerException(
                    "Kafka's data directory %s cannot be prepared: %s. Choose one that this user may write."
                            .formatted(dataDirectory, failure),
                    failure);
        }
    }

    /** Asking after any group makes the broker create the topic of the group offsets, or load what is in it. */
    private void awaitGroups() {
        Map<String, Object> settings = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap(),
                AdminClientConfig.RETRY_BACKOFF_MS_CONFIG, 20,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, READY_TIMEOUT_MS);
        try (var admin = Admin.create(settings)) {
            admin.listConsumerGroupOffsets("aerofn-readiness")
                    .partitionsToOffsetAndMetadata()
                    .get();
        } catch (ExecutionException failure) {
            throw new EmbeddedServerException("the group coordinator did not answer", failure.getCause());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new EmbeddedServerException("interrupted while waiting for the group coordinator");
        }
    }
}
