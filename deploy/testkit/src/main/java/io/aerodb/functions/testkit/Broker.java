package io.aerodb.functions.testkit;

import io.aerodb.functions.embedded.EmbeddedKafka;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.testcontainers.kafka.KafkaContainer;

/** A Kafka broker that can be stopped and started again at the same address. */
sealed interface Broker {

    String bootstrap();

    /** Returns when clients are served. */
    void start();

    void stop();

    /** Stops it for good and leaves nothing behind. */
    void remove();

    static Broker create() {
        return switch (Parts.chosen()) {
            case EMBEDDED -> Embedded.create();
            case DOCKER -> Containerized.create();
        };
    }

    /** In this JVM. */
    record Embedded(EmbeddedKafka kafka, TemporaryDirectory directory) implements Broker {

        static Embedded create() {
            var directory = TemporaryDirectory.create("aerofn-kafka-");
            return new Embedded(new EmbeddedKafka(directory.path(), 0), directory);
        }

        @Override
        public String bootstrap() {
            return kafka.bootstrap();
        }

        @Override
        public void start() {
            kafka.start();
        }

        @Override
        public void stop() {
            kafka.stop();
        }

        @Override
        public void remove() {
            kafka.close();
            directory.delete();
        }
    }

    /** Docker's, set up as the embedded one is. */
    record Containerized(KafkaContainer kafka, StableContainer container) implements Broker {

        private static final int INNER_PORT = 9092;
        private static final int READY_TIMEOUT_MS = 60_000;

        static Containerized create() {
            var kafka = new KafkaContainer(Images.named("kafka"))
                    .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
                    .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
                    .withEnv("KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS", "4")
                    .withEnv("KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS", "4")
                    .withEnv("KAFKA_MESSAGE_MAX_BYTES", String.valueOf(16 * 1024 * 1024))
                    .withEnv("KAFKA_BROKER_SESSION_TIMEOUT_MS", "1000")
                    .withEnv("KAFKA_BROKER_HEARTBEAT_INTERVAL_MS", "250");
            return new Containerized(kafka, new StableContainer(kafka, INNER_PORT));
        }

        @Override
        public String bootstrap() {
            return kafka.getBootstrapServers();
        }

        @Override
        public void start() {
            container.start();
            Map<String, Object> settings = Map.of(
                    AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                    bootstrap(),
                    AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                    READY_TIMEOUT_MS);
            try (var admin = Admin.create(settings)) {
                admin.listConsumerGroupOffsets("aerofn-readiness")
                        .partitionsToOffsetAndMetadata()
                        .get();
            } catch (ExecutionException failure) {
                throw new IllegalStateException("Kafka's container does not serve clients", failure.getCause());
            } catch (InterruptedException interruption) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while Kafka's container was starting", interruption);
            }
        }

        @Override
        public void stop() {
            container.stop();
        }

        @Override
        public void remove() {
            container.remove();
        }
    }
}
